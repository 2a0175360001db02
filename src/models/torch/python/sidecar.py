"""The side-car of Runwright's TorchModel: holds one torch model and answers frames on stdin with frames on stdout.

A frame is `RWT1`, uint32 length of the header, uint32 length of the body (little-endian), the header as JSON, and the body:
the bytes of the tensors that the header's `tensors` lists as [name, dtype, dims], each padded to a multiple of 8.

    load    {file, kind, names}                     -> {torchVersion, inputs, outputs, ranges}
    run     {tensors}                               -> {tensors}
    export  {file, inputs, outputs, axes, tensors}  -> {opset, seconds}
    cancel  {of}: the call `of`, if it has not begun, is answered without being run

Each answer has the `id` of its call, in the order of the calls; `error` in it is {type, message, traceback}.
"""

import ctypes
import inspect
import json
import os
import queue
import signal
import struct
import sys
import threading
import time
import traceback
import warnings

PREFIX = struct.Struct("<4sII")
MAGIC = b"RWT1"
LONGEST_HEADER = 16 * 1024 * 1024
LONGEST_BODY = 0x7FFFFFFF
TRACEBACK_LINES = 12
DTYPES = "float32 float64 float16 int8 uint8 int16 uint16 int32 uint32 int64 uint64 bool".split()


class Cancelled(Exception):
    """The caller left before its call was begun."""


class TorchUnusable(Exception):
    """torch is installed and cannot be imported."""


class ScriptProgram:
    """A TorchScript file: it holds the names of its inputs, neither their types nor their shapes."""

    def __init__(self, file, names):
        self.model = torch.jit.load(file, map_location="cpu").eval()
        # Traced inputs are called `input.1` in the graph; the schema has them as identifiers.
        self.arguments = self.model.forward.schema.arguments[1:]
        self.names = unique([argument.name.split(".")[0] for argument in self.arguments])
        self.rename(names)

    def rename(self, names):
        """Names that are not the file's own are the author's for its arguments, in their order."""
        needed = sum(not argument.has_default_value() for argument in self.arguments)
        if not set(names) & set(self.names) and needed <= len(names) <= len(self.names):
            self.names[: len(names)] = names

    def describe(self):
        inputs = [
            {"name": name, "type": str(argument.type), "optional": argument.has_default_value()}
            for name, argument in zip(self.names, self.arguments)
        ]
        return {"inputs": inputs}

    def arguments_of(self, tensors):
        refuse_strangers(tensors, self.names)
        missing = [
            name
            for name, argument in zip(self.names, self.arguments)
            if name not in tensors and not argument.has_default_value()
        ]
        if missing:
            raise TypeError(f"the model needs the input {missing[0]}")
        return tuple(
            tensors[name] if name in tensors else argument.default_value
            for name, argument in zip(self.names, self.arguments)
        )

    def run(self, tensors):
        return self.model(*self.arguments_of(tensors))

    def export(self, file, inputs, outputs, axes, tensors):
        opset = 16 if version_of_torch() < (2, 0) else 17
        options = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
        arguments = self.arguments_of(tensors)
        while arguments and not isinstance(arguments[-1], torch.Tensor):
            arguments = arguments[:-1]
        torch.onnx.export(
            self.model,
            arguments,
            file,
            opset_version=opset,
            # They count in the order of the arguments.
            input_names=[name for name in self.names if name in inputs],
            output_names=outputs,
            dynamic_axes={name: {int(axis): label for axis, label in of.items()} for name, of in axes.items()},
            **options,
        )
        return opset


class ExportedProgram:
    """A .pt2 file: it knows the types and shapes of its inputs and outputs."""

    def __init__(self, file, names):
        self.program = torch.export.load(file)
        self.model = self.program.module()
        self.inputs = [
            (spec.arg.name, node.meta.get("val"))
            for spec, node in zip(self.program.graph_signature.input_specs, self.placeholders())
            if spec.kind.name == "USER_INPUT"
        ]

    def placeholders(self):
        return [node for node in self.program.graph.nodes if node.op == "placeholder"]

    def describe(self):
        from torch.utils._pytree import tree_unflatten

        given = next(node for node in self.program.graph.nodes if node.op == "output").args[0]
        outputs = [
            node.meta.get("val") if hasattr(node, "meta") else node
            for spec, node in zip(self.program.graph_signature.output_specs, given)
            if spec.kind.name == "USER_OUTPUT"
        ]
        named = name_outputs(tree_unflatten(outputs, self.program.call_spec.out_spec))
        return {
            "inputs": [describe_tensor(name, value) for name, value in self.inputs],
            "outputs": [describe_tensor(name, value) for name, value in named.items()],
            "ranges": {
                str(symbol): [finite(limits.lower), finite(limits.upper)]
                for symbol, limits in self.program.range_constraints.items()
            },
        }

    def run(self, tensors):
        from torch.utils._pytree import tree_unflatten

        names = [name for name, _ in self.inputs]
        refuse_strangers(tensors, names)
        arguments, keywords = tree_unflatten([tensors[name] for name in names], self.program.call_spec.in_spec)
        return self.model(*arguments, **keywords)

    def export(self, file, inputs, outputs, axes, tensors):
        names = [name for name, _ in self.inputs]
        # Shapes and free dimensions are those of the program.
        exported = torch.onnx.export(
            self.program, (), file, dynamo=True, input_names=names, output_names=outputs, external_data=self.is_large()
        )
        return getattr(exported.model, "opset_imports", {}).get("")

    def is_large(self):
        """Whether the weights are beyond what one protobuf message holds, 2 GiB with everything else in it."""
        values = self.program.state_dict.values()
        return sum(value.numel() * value.element_size() for value in values) > 1_500_000_000


PROGRAMS = {"torchscript": ScriptProgram, "exported-program": ExportedProgram}


def version_of_torch():
    return tuple(int(part) for part in torch.__version__.split(".")[:2])


def unique(names):
    """Names with `_1` and so on behind those that came before."""
    seen = {}
    result = []
    for name in names:
        count = seen.get(name, 0)
        seen[name] = count + 1
        result.append(name if count == 0 else f"{name}_{count}")
    return result


def refuse_strangers(tensors, names):
    for name in tensors:
        if name not in names:
            raise TypeError(f"the model has no input {name}; it has {', '.join(names)}")


def describe_tensor(name, value):
    if not isinstance(value, torch.Tensor):
        return {"name": name, "type": type(value).__name__, "optional": False}
    shape = [size if isinstance(size, int) else str(size) for size in value.shape]
    return {"name": name, "type": "Tensor", "optional": False, "dtype": str(value.dtype)[6:], "shape": shape}


def finite(limit):
    """An end of a range, or None where it is open."""
    try:
        number = int(limit)
    except (TypeError, ValueError, OverflowError, AttributeError):
        return None
    return None if abs(number) >= sys.maxsize - 1 else number


def leaves(values):
    for value in values:
        if isinstance(value, (tuple, list)):
            yield from leaves(value)
        else:
            yield value


def name_outputs(value):
    """Tensors by name: `output`; `output_0` and on for a tuple, nested ones in the order of their leaves; a dict's keys."""
    if isinstance(value, torch.Tensor):
        named = {"output": value}
    elif isinstance(value, dict):
        named = value
    elif isinstance(value, (tuple, list)):
        named = {f"output_{number}": leaf for number, leaf in enumerate(leaves(value))}
    else:
        raise TypeError(f"the model gave {type(value).__name__}, not a tensor, or a tuple, list or dict of tensors")
    for name, tensor in named.items():
        if not isinstance(name, str):
            raise TypeError(f"the model gave a dict whose keys are {type(name).__name__}, not str")
        if not isinstance(tensor, torch.Tensor):
            raise TypeError(f"the model gave {type(tensor).__name__} as {name}, not a tensor")
    return named


def dtype_of(name):
    dtype = getattr(torch, name, None) if name in DTYPES else None
    if dtype is None:
        raise TypeError(f"torch {torch.__version__} has no tensors of {name}")
    return dtype


def padded(size):
    return (size + 7) & ~7


def read_tensors(header, body):
    """Tensors over the memory of the body, by name."""
    tensors = {}
    offset = 0
    for name, dtype_name, dims in header.get("tensors", []):
        dtype = dtype_of(dtype_name)
        count = 1
        for size in dims:
            count *= size
        if count == 0:
            tensors[name] = torch.empty(dims, dtype=dtype)
            continue
        tensors[name] = torch.frombuffer(body, dtype=dtype, count=count, offset=offset).reshape(dims)
        offset += padded(count * tensors[name].element_size())
    return tensors


def write_tensors(named):
    """The list of a header, and the pieces of its body."""
    listed = []
    pieces = []
    for name, value in named.items():
        dtype = str(value.dtype)[6:]
        if dtype not in DTYPES:
            raise TypeError(f"the model gave {dtype} as {name}, which has no counterpart: convert it in the model")
        tensor = value.detach().cpu().resolve_neg().contiguous()
        size = tensor.numel() * tensor.element_size()
        if size > 0:
            pieces.append(ctypes.string_at(tensor.data_ptr(), size))
            pieces.append(bytes(padded(size) - size))
        listed.append([name, dtype, list(tensor.shape)])
    return listed, pieces


def send(sink, header, pieces=()):
    text = json.dumps(header).encode()
    # The body begins at a multiple of 8, so that the reader can use its memory as it is.
    text += b" " * (-(PREFIX.size + len(text)) % 8)
    size = sum(map(len, pieces))
    if size > LONGEST_BODY:
        raise ValueError(f"the outputs have {size} bytes, more than one answer takes ({LONGEST_BODY})")
    rest = memoryview(b"".join((PREFIX.pack(MAGIC, len(text), size), text, *pieces)))
    while rest:
        rest = rest[sink.write(rest) :]


def read_exactly(source, size):
    memory = bytearray(size)
    view = memoryview(memory)
    at = 0
    while at < size:
        count = source.readinto(view[at:])
        if not count:
            raise EOFError
        at += count
    return memory


def read_frames(source, calls, cancelled):
    """Takes frames until stdin ends, and the process with it: also in the middle of a computation."""
    try:
        while True:
            magic, header_bytes, body_bytes = PREFIX.unpack(read_exactly(source, PREFIX.size))
            if magic != MAGIC or header_bytes > LONGEST_HEADER or body_bytes > LONGEST_BODY:
                raise ValueError("what arrived on stdin is not a frame")
            header = json.loads(read_exactly(source, header_bytes))
            body = read_exactly(source, body_bytes)
            if header["command"] == "cancel":
                cancelled.add(header["of"])
            else:
                calls.put((header, body))
    except EOFError:
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)


class Sidecar:
    def __init__(self, threads):
        self.threads = threads
        self.program = None
        self.commands = {"load": self.load, "run": self.run, "export": self.export}

    def load(self, header, body):
        import_torch(self.threads)
        self.program = PROGRAMS[header["kind"]](header["file"], header["names"])
        return {"torchVersion": torch.__version__, **self.program.describe()}, ()

    def run(self, header, body):
        with torch.inference_mode():
            listed, pieces = write_tensors(name_outputs(self.program.run(read_tensors(header, body))))
        return {"tensors": listed}, pieces

    def export(self, header, body):
        begin = time.monotonic()
        with torch.no_grad():
            opset = self.program.export(
                header["file"], header["inputs"], header["outputs"], header["axes"], read_tensors(header, body)
            )
        return {"opset": opset, "seconds": time.monotonic() - begin}, ()


def import_torch(threads):
    global torch
    try:
        import torch
    except Exception as error:
        raise TorchUnusable(f"{type(error).__name__}: {error}") from error
    if threads:
        torch.set_num_threads(threads)


def describe_error(error):
    lines = "".join(traceback.format_exception(type(error), error, error.__traceback__)).rstrip().split("\n")
    return {"type": type(error).__name__, "message": str(error), "traceback": lines[-TRACEBACK_LINES:]}


def main():
    if sys.byteorder != "little":
        sys.exit("the side-car needs a little-endian machine")
    # The parent ends this process, by the end of stdin. Signals meant for all of a terminal or a service come too early.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    warnings.filterwarnings("ignore")
    source = os.fdopen(os.dup(0), "rb")
    sink = os.fdopen(os.dup(1), "wb", buffering=0)
    # A model that reads or prints must not touch the frames.
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)

    calls = queue.SimpleQueue()
    cancelled = set()
    threading.Thread(target=read_frames, args=(source, calls, cancelled), daemon=True).start()
    sidecar = Sidecar(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    while True:
        header, body = calls.get()
        number = header["id"]
        try:
            if number in cancelled:
                raise Cancelled
            answer, pieces = sidecar.commands[header["command"]](header, body)
            send(sink, {"id": number, **answer}, pieces)
        except Exception as error:
            send(sink, {"id": number, "error": describe_error(error)})
        finally:
            cancelled.discard(number)


main()
