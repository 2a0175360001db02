"""BentoML, one worker, which gathers batches."""

import bentoml
import numpy as np

from network import open_session


@bentoml.service(workers=1, traffic={"timeout": 30}, logging={"access": {"enabled": False}})
class Network:
    def __init__(self):
        self.session = open_session()

    # The default of max_latency_ms: BentoML counts a pause between rounds as its own latency, and a short limit makes it refuse.
    @bentoml.api(batchable=True, max_batch_size=64)
    def predict(self, features: list[list[float]]) -> list[list[float]]:
        (scores,) = self.session.run(["scores"], {"features": np.asarray(features, dtype=np.float32)})
        return scores.tolist()
