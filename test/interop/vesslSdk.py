"""Drives the unmodified VESSL SDK, for vesslParity.test.ts. Answers go to standard output as one line of JSON, the last one."""

import json
import os
import sys


def register(number):
    import vessl

    class Echo(vessl.RunnerBase):
        @staticmethod
        def load_model(props, artifacts):
            return artifacts

        @staticmethod
        def predict(model, data):
            return data

    given = None if number == "new" else int(number)
    vessl.register_model(
        "echo", given, Echo, {"bias": 3}, artifacts={"data/labels.txt": "data/labels.txt"}, organization_name="acme"
    )
    with open("vessl.manifest.yaml") as file:
        return file.read()


def upload(path):
    import vessl

    vessl.create_model("big", organization_name="acme")
    vessl.upload_model_volume_file("big", 1, path, "big.bin", organization_name="acme")


def read(number):
    import vessl
    from vessl import service

    named = {"organization_name": "acme"}
    vessl.vessl_api.set_organization("acme")
    model = vessl.read_model("echo", int(number), **named)
    files = vessl.list_model_volume_files("echo", int(number), recursive=True, **named)
    downloaded = {}
    for path in sorted(f.path for f in files if not f.is_dir):
        target = os.path.join("got", path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        vessl.download_model_volume_file("echo", int(number), path, target, **named)
        with open(target, "rb") as file:
            downloaded[path] = file.read().hex()
    try:
        service.serve_model("echo", int(number), **named)
        served = None
    except Exception as error:  # the SDK's own way to refuse
        served = str(error)
    return {
        "number": model.number,
        "servable": model.is_servable,
        "numbers": sorted(m.number for m in vessl.list_models("echo", **named)),
        "repositories": [r.name for r in vessl.list_model_repositories(limit=10, offset=0, **named)],
        "downloaded": downloaded,
        "served": served,
    }


def parse(_):
    """Each text of the list on standard input, as the SDK's reader of manifests reads it."""
    import yaml

    return [yaml.load(text, Loader=yaml.FullLoader) for text in json.load(sys.stdin)]


def validate(_):
    from vessl.service import ManifestSchema
    import yaml

    return ManifestSchema.model_validate(yaml.load(sys.stdin.read(), Loader=yaml.FullLoader)).model_dump()


if __name__ == "__main__":
    result = globals()[sys.argv[1]](sys.argv[2] if len(sys.argv) > 2 else None)
    print()
    print(json.dumps(result))
