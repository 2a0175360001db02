"""FastAPI + onnxruntime. The model takes microseconds, so it runs on the loop: a thread pool would only cost."""

import os
from typing import Annotated

import numpy as np
import uvicorn
from annotated_types import Len
from fastapi import FastAPI
from pydantic import BaseModel

from network import open_session

session = open_session()
app = FastAPI()


class Input(BaseModel):
    features: Annotated[list[float], Len(4, 4)]


class Output(BaseModel):
    scores: list[float]


@app.post("/predict")
async def predict(data: Input) -> Output:
    (scores,) = session.run(["scores"], {"features": np.asarray([data.features], dtype=np.float32)})
    return Output(scores=scores[0].tolist())


@app.get("/healthz")
async def health():
    return {}


uvicorn.run(
    app,
    host="127.0.0.1",
    port=int(os.environ["PORT"]),
    loop="uvloop",
    http="httptools",
    access_log=False,
    log_level="warning",
)
