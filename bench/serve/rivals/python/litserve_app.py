"""LitServe, one worker. Batches make it faster; its other queue (`fast_queue`) does not."""

import os

import litserve as ls
import numpy as np

from network import open_session


class Network(ls.LitAPI):
    def setup(self, device):
        self.session = open_session()

    def decode_request(self, request):
        return request["features"]

    def batch(self, rows):
        return np.asarray(rows, dtype=np.float32)

    def predict(self, features):
        return self.session.run(["scores"], {"features": features})[0].tolist()

    def unbatch(self, scores):
        return scores

    def encode_response(self, scores):
        return {"scores": scores}


if __name__ == "__main__":
    network = Network(max_batch_size=64, batch_timeout=0.001)
    ls.LitServer(network, accelerator="cpu", workers_per_device=1).run(
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        num_api_servers=1,
        log_level="warning",
        access_log=False,
        generate_client_file=False,
    )
