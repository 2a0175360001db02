"""The 4-32-3 network, one thread, as each of the Python servers loads it."""

import os

import onnxruntime as ort


def open_session():
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return ort.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])
