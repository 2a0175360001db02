"""What an unmodified tritonclient.http makes of a server: one JSON object of facts on stdout.

Usage: tritonclientChecks.py <host:port>
"""

import asyncio
import json
import sys

import numpy as np
import tritonclient.http as triton
import tritonclient.http.aio as triton_aio
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

client = triton.InferenceServerClient(sys.argv[1])


def tensor(name, array, binary=True):
    made = triton.InferInput(name, list(array.shape), np_to_triton_dtype(array.dtype))
    made.set_data_from_numpy(array, binary_data=binary)
    return made


def infer(model, inputs, binary_out=None, names=("scores", "label", "best"), **options):
    """`binary_out` None names no outputs: the client then asks for all in binary."""
    outputs = binary_out is not None and [triton.InferRequestedOutput(n, binary_data=binary_out) for n in names]
    result = client.infer(model, inputs, outputs=outputs or None, **options)
    return result, {n: plain(result.as_numpy(n)) for n in names}


def plain(array):
    return [item.decode() if isinstance(item, bytes) else item for item in array.flatten().tolist()]


def message(call):
    try:
        call()
    except InferenceServerException as error:
        return {"status": error.status(), "message": error.message()}
    return None


features = np.array([[1, 2, 3, 4], [50, 6, 7, 8]], dtype=np.float32)
many = np.tile(features, (200, 1))
facts = {
    "live": client.is_server_live(),
    "ready": client.is_server_ready(),
    "modelReady": client.is_model_ready("scorer"),
    "otherReady": client.is_model_ready("none"),
    "server": client.get_server_metadata(),
    "model": client.get_model_metadata("scorer"),
    "index": client.get_model_repository_index(),
    "infer": {},
    "datatypes": {},
}

for binary_in in (True, False):
    for binary_out in (None, True, False):
        _, rows = infer("scorer", [tensor("features", features, binary_in)], binary_out, request_id="7")
        facts["infer"][f"{binary_in} {binary_out}"] = rows
result, _ = infer("scorer", [tensor("features", features)], request_id="7")
facts["id"] = result.get_response()["id"]
_, facts["scaled"] = infer("scorer", [tensor("scale", np.array([10, 100])), tensor("features", features)])
_, facts["versioned"] = infer("versioned", [tensor("features", features)], model_version="3")

# Uncompressed, and each compression in each direction.
expected = infer("scorer", [tensor("features", many)])[1]
facts["compressed"] = [
    infer(
        "scorer",
        [tensor("features", many, binary)],
        binary,
        request_compression_algorithm=there,
        response_compression_algorithm=back,
    )[1]
    == expected
    for there in (None, "gzip", "deflate")
    for back in (None, "gzip", "deflate")
    for binary in (True, False)
]

LIMITS = {
    "BOOL": np.array([[True, False]]),
    "FP16": np.array([[np.finfo(np.float16).max, np.nan, np.inf, -0.0]], dtype=np.float16),
    "FP32": np.array([[np.finfo(np.float32).min, np.nan, -np.inf, -0.0]], dtype=np.float32),
    "FP64": np.array([[np.finfo(np.float64).max, np.nan, np.inf, -0.0]], dtype=np.float64),
    "BYTES": np.array([["ü\0💡", ""]], dtype=object),
}
for width in (8, 16, 32, 64):
    for kind in ("INT", "UINT"):
        limits = np.iinfo(f"{kind.lower()}{width}")
        LIMITS[f"{kind}{width}"] = np.array([[limits.min, limits.max]], dtype=limits.dtype)
for name, sent in LIMITS.items():
    received = client.infer(name, [tensor("value", sent)]).as_numpy("value")
    same = plain(received) == plain(sent) if name == "BYTES" else received.tobytes() == sent.tobytes()
    facts["datatypes"][name] = bool(same and received.shape == sent.shape)
    if name in ("FP16", "FP32", "FP64"):
        continue  # JSON has no NaN.
    outputs = [triton.InferRequestedOutput("value", binary_data=False)]
    received = client.infer(name, [tensor("value", sent, binary=False)], outputs=outputs).as_numpy("value")
    facts["datatypes"][f"{name} as JSON"] = plain(received) == plain(sent)

facts["asynchronous"] = [
    plain(request.get_result().as_numpy("best"))
    for request in [client.async_infer("scorer", [tensor("features", features)]) for _ in range(20)]
]
facts["errors"] = {
    "unknown model": message(lambda: client.infer("none", [tensor("features", features)])),
    "unknown version": message(lambda: client.infer("versioned", [tensor("features", features)], model_version="4")),
    "wrong type": message(lambda: client.infer("scorer", [tensor("features", features.astype(np.float64))])),
    "wrong shape": message(lambda: client.infer("scorer", [tensor("features", features[0])])),
    "unknown input": message(lambda: client.infer("scorer", [tensor("x", features)])),
    "failing row": message(
        lambda: client.infer("scorer", [tensor("features", np.array([[13, 0, 0, 0]], dtype=np.float32))])
    ),
    "compressed": message(
        lambda: client.infer("scorer", [tensor("x", many)], response_compression_algorithm="gzip")
    ),
    "no tensors": message(lambda: client.get_model_metadata("nested")),
    "load": message(lambda: client.load_model("scorer")),
    "unload": message(lambda: client.unload_model("scorer")),
}


async def over_aiohttp():
    """The client that `mlserver infer` and others wrap; it asks for compressed answers by itself."""
    async with triton_aio.InferenceServerClient(sys.argv[1]) as other:
        ready = await other.is_server_ready()
        result = await other.infer("scorer", [tensor("features", many, binary=False)])
        return ready and plain(result.as_numpy("scores")) == expected["scores"]


facts["aio"] = asyncio.run(over_aiohttp())
# The same connection still works.
_, facts["afterwards"] = infer("scorer", [tensor("features", features)])
client.close()
print(json.dumps(facts))
