"""
As much of Keras 3 as exported programs use, in NumPy and by Keras's documentation: what each layer computes, how its weights are called and
laid out, channels last. Values are functions of the model's input; a sample of zeros goes along, for the shapes. It stands in for Keras, which the
machines of the tests do not have; it shares nothing with the program that is tested.
"""
import math
import types

import numpy


def pair(size):
    return size if isinstance(size, tuple) else (size, size)


class Value:
    def __init__(self, make, parents, layer=None):
        self.make, self.parents, self.layer = make, parents, layer
        self.sample = make(*[parent.sample for parent in parents]) if parents else make()

    def __mul__(self, other):
        return lift(lambda x, y: x * y)(self, other)

    def __truediv__(self, other):
        return lift(lambda x, y: x / y)(self, other)

    def __gt__(self, other):
        return lift(lambda x, y: x > y)(self, other)

    def __getitem__(self, places):
        return lift(lambda x: x[places])(self)


def lift(function):
    """A function of arrays as one of values, which may lie in lists."""

    def lifted(*arguments, **named):
        values = []

        def collect(argument):
            if isinstance(argument, Value):
                values.append(argument)
            elif isinstance(argument, list):
                for part in argument:
                    collect(part)

        def fill(argument, arrays):
            if isinstance(argument, Value):
                return next(arrays)
            return [fill(part, arrays) for part in argument] if isinstance(argument, list) else argument

        collect(list(arguments))
        if not values:
            return function(*arguments, **named)
        return Value(lambda *arrays: function(*fill(list(arguments), iter(arrays)), **named), values)

    return lifted


def Input(shape):
    return Value(lambda: numpy.zeros((2, *shape)), [])


class Model:
    def __init__(self, inputs, outputs):
        self.inputs, self.outputs, self.layers = inputs, outputs, []
        self._collect(outputs, set())

    def _collect(self, value, seen):
        if id(value) in seen:
            return
        seen.add(id(value))
        for parent in value.parents:
            self._collect(parent, seen)
        if value.layer is not None:
            self.layers.append(value.layer)

    def predict(self, x, verbose):
        known = {id(self.inputs): x.astype("float64")}

        def compute(value):
            if id(value) not in known:
                known[id(value)] = value.make(*[compute(parent) for parent in value.parents])
            return known[id(value)]

        return compute(self.outputs)


class Layer:
    def __init__(self, name=None):
        self.name, self.weights = name, []

    def add(self, name, shape):
        weight = types.SimpleNamespace(name=name, value=numpy.zeros(shape))
        self.weights.append(weight)
        return weight

    def set_weights(self, arrays):
        assert len(arrays) == len(self.weights)
        for weight, array in zip(self.weights, arrays):
            assert weight.value.shape == array.shape, f"{self.name} {weight.name}: {array.shape} instead of {weight.value.shape}"
            weight.value = array.astype("float64")

    def __call__(self, value):
        values = value if isinstance(value, list) else [value]
        self.build(*[each.sample.shape for each in values])
        return Value(self.call, values, self)

    def build(self, *shapes):
        pass


def windows(x, kernel, strides, dilation=(1, 1)):
    """Tap by tap, what each window has there."""
    (kh, kw), (sh, sw), (dh, dw) = kernel, strides, dilation
    rows, columns = (x.shape[1] - dh * (kh - 1) - 1) // sh + 1, (x.shape[2] - dw * (kw - 1) - 1) // sw + 1
    for i in range(kh):
        for j in range(kw):
            yield i, j, x[:, i * dh : i * dh + (rows - 1) * sh + 1 : sh, j * dw : j * dw + (columns - 1) * sw + 1 : sw]


class Conv2D(Layer):
    def __init__(self, filters, kernel_size, strides=1, padding="valid", dilation_rate=1, groups=1, use_bias=True, name=None):
        super().__init__(name)
        self.filters, self.groups, self.padding, self.use_bias = filters, groups, padding, use_bias
        self.size, self.strides, self.dilation = pair(kernel_size), pair(strides), pair(dilation_rate)
        assert self.strides == (1, 1) or self.dilation == (1, 1)

    def build(self, shape):
        self.kernel = self.add("kernel", (*self.size, shape[3] // self.groups, self.filters))
        self.bias = self.add("bias", (self.filters,)) if self.use_bias else None

    def tap(self, x, i, j):
        inputs, outputs = x.shape[3] // self.groups, self.filters // self.groups
        parts = [x[..., g * inputs : (g + 1) * inputs] @ self.kernel.value[i, j, :, g * outputs : (g + 1) * outputs] for g in range(self.groups)]
        return numpy.concatenate(parts, axis=-1)

    def call(self, x):
        if self.padding == "same":
            assert self.strides == (1, 1)
            totals = [d * (k - 1) for d, k in zip(self.dilation, self.size)]
            x = numpy.pad(x, ((0, 0), *[(total // 2, total - total // 2) for total in totals], (0, 0)))
        y = sum(self.tap(part, i, j) for i, j, part in windows(x, self.size, self.strides, self.dilation))
        return y if self.bias is None else y + self.bias.value


class DepthwiseConv2D(Conv2D):
    def __init__(self, kernel_size, depth_multiplier=1, **named):
        super().__init__(0, kernel_size, **named)
        self.multiplier = depth_multiplier
        assert self.strides[0] == self.strides[1]

    def build(self, shape):
        self.kernel = self.add("kernel", (*self.size, shape[3], self.multiplier))
        self.bias = self.add("bias", (shape[3] * self.multiplier,)) if self.use_bias else None

    def tap(self, x, i, j):
        return (x[..., None] * self.kernel.value[i, j]).reshape(*x.shape[:3], -1)


class Conv2DTranspose(Layer):
    def __init__(self, filters, kernel_size, strides=1, dilation_rate=1, use_bias=True, name=None):
        super().__init__(name)
        self.filters, self.use_bias = filters, use_bias
        self.size, self.strides, self.dilation = pair(kernel_size), pair(strides), pair(dilation_rate)
        assert self.strides == (1, 1) or self.dilation == (1, 1)

    def build(self, shape):
        self.kernel = self.add("kernel", (*self.size, self.filters, shape[3]))
        self.bias = self.add("bias", (self.filters,)) if self.use_bias else None

    def call(self, x):
        (kh, kw), (sh, sw), (dh, dw) = self.size, self.strides, self.dilation
        rows, columns = x.shape[1:3]
        y = numpy.zeros((len(x), rows * sh + max(dh * (kh - 1) + 1 - sh, 0), columns * sw + max(dw * (kw - 1) + 1 - sw, 0), self.filters))
        for i in range(kh):
            for j in range(kw):
                y[:, i * dh : i * dh + (rows - 1) * sh + 1 : sh, j * dw : j * dw + (columns - 1) * sw + 1 : sw] += x @ self.kernel.value[i, j].T
        return y if self.bias is None else y + self.bias.value


class Dense(Layer):
    def __init__(self, units, use_bias=True, name=None):
        super().__init__(name)
        self.units, self.use_bias = units, use_bias

    def build(self, shape):
        self.kernel = self.add("kernel", (shape[-1], self.units))
        self.bias = self.add("bias", (self.units,)) if self.use_bias else None

    def call(self, x):
        y = x @ self.kernel.value
        return y if self.bias is None else y + self.bias.value


class BatchNormalization(Layer):
    def __init__(self, momentum, epsilon, name):
        super().__init__(name)
        self.epsilon = epsilon

    def build(self, shape):
        for name in ("gamma", "beta", "moving_mean", "moving_variance"):
            self.add(name, (shape[-1],))

    def call(self, x):
        gamma, beta, mean, variance = [weight.value for weight in self.weights]
        return (x - mean) / numpy.sqrt(variance + self.epsilon) * gamma + beta


class Normalization(Layer):
    def __init__(self, epsilon, center=True, scale=True, name=None):
        super().__init__(name)
        self.epsilon, self.center, self.scale = epsilon, center, scale

    def build(self, shape):
        self.gamma = self.add("gamma", self.extents(shape)) if self.scale else None
        self.beta = self.add("beta", self.extents(shape)) if self.center else None

    def normalize(self, x, axes):
        return (x - x.mean(axes, keepdims=True)) / numpy.sqrt(x.var(axes, keepdims=True) + self.epsilon)

    def adapt(self, y):
        y = y if self.gamma is None else y * self.gamma.value
        return y if self.beta is None else y + self.beta.value


class LayerNormalization(Normalization):
    def __init__(self, axis, **named):
        super().__init__(**named)
        self.axes = axis if isinstance(axis, list) else [axis]

    def extents(self, shape):
        return tuple(shape[axis] for axis in self.axes)

    def call(self, x):
        return self.adapt(self.normalize(x, tuple(self.axes)))


class GroupNormalization(Normalization):
    def __init__(self, groups, **named):
        super().__init__(**named)
        self.groups = groups

    def extents(self, shape):
        return (shape[-1],)

    def call(self, x):
        groups = x.shape[-1] if self.groups == -1 else self.groups
        split = x.reshape(*x.shape[:-1], groups, x.shape[-1] // groups)
        axes = tuple(axis for axis in range(1, split.ndim) if axis != split.ndim - 2)
        return self.adapt(self.normalize(split, axes).reshape(x.shape))


class PReLU(Layer):
    def __init__(self, shared_axes=(), name=None):
        super().__init__(name)
        self.shared = shared_axes

    def build(self, shape):
        self.alpha = self.add("alpha", tuple(1 if axis in self.shared else shape[axis] for axis in range(1, len(shape))))

    def call(self, x):
        return numpy.where(x > 0, x, x * self.alpha.value)


def plain(function):
    """A layer without weights, made by a function of its arguments."""

    class Plain(Layer):
        def __init__(self, *arguments, name=None, **named):
            super().__init__(name)
            self.call = function(*arguments, **named)

    return Plain


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


def softplus(x):
    return numpy.logaddexp(x, 0)


def softmax(x):
    powers = numpy.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def elu(alpha):
    return lambda x: numpy.where(x > 0, x, alpha * numpy.expm1(numpy.minimum(x, 0)))


ACTIVATIONS = {
    "relu": lambda x: numpy.maximum(x, 0),
    "selu": lambda x: 1.0507009873554804934193349852946 * elu(1.6732632423543772848170429916717)(x),
    "silu": lambda x: x * sigmoid(x),
    "mish": lambda x: x * numpy.tanh(softplus(x)),
    "hard_silu": lambda x: x * numpy.clip(x + 3, 0, 6) / 6,
    "hard_sigmoid": lambda x: numpy.clip(x + 3, 0, 6) / 6,
    "sigmoid": sigmoid,
    "tanh": numpy.tanh,
    "softmax": softmax,
    "log_softmax": lambda x: numpy.log(softmax(x)),
}


def resized(x, axis, factor, interpolation):
    if interpolation == "nearest":
        return numpy.repeat(x, factor, axis)
    count = x.shape[axis]
    places = numpy.clip((numpy.arange(count * factor) + 0.5) / factor - 0.5, 0, count - 1)
    low = numpy.floor(places).astype(int)
    share = (places - low).reshape([-1 if i == axis else 1 for i in range(x.ndim)])
    return x.take(low, axis) * (1 - share) + x.take(numpy.minimum(low + 1, count - 1), axis) * share


def pooling(join):
    return lambda size, strides: lambda x: join([part for _, _, part in windows(x, size, strides)])


layers = types.SimpleNamespace(
    Conv2D=Conv2D,
    DepthwiseConv2D=DepthwiseConv2D,
    Conv2DTranspose=Conv2DTranspose,
    Dense=Dense,
    BatchNormalization=BatchNormalization,
    LayerNormalization=LayerNormalization,
    GroupNormalization=GroupNormalization,
    PReLU=PReLU,
    Permute=plain(lambda axes: lambda x: x.transpose(0, *axes)),
    Flatten=plain(lambda: lambda x: x.reshape(len(x), -1)),
    Activation=plain(lambda name: ACTIVATIONS[name]),
    ReLU=plain(lambda max_value: lambda x: numpy.clip(x, 0, max_value)),
    LeakyReLU=plain(lambda negative_slope: lambda x: numpy.where(x > 0, x, negative_slope * x)),
    ELU=plain(lambda alpha: elu(alpha)),
    Dropout=plain(lambda rate: lambda x: x),
    SpatialDropout2D=plain(lambda rate: lambda x: x),
    MaxPooling2D=plain(pooling(lambda parts: numpy.max(parts, axis=0))),
    AveragePooling2D=plain(pooling(lambda parts: numpy.mean(parts, axis=0))),
    GlobalAveragePooling2D=plain(lambda keepdims: lambda x: x.mean((1, 2), keepdims=keepdims)),
    GlobalMaxPooling2D=plain(lambda keepdims: lambda x: x.max((1, 2), keepdims=keepdims)),
    ZeroPadding2D=plain(lambda sides: lambda x: numpy.pad(x, ((0, 0), *sides, (0, 0)))),
    Cropping2D=plain(lambda sides: lambda x: x[:, sides[0][0] : x.shape[1] - sides[0][1], sides[1][0] : x.shape[2] - sides[1][1]]),
    UpSampling2D=plain(lambda size, interpolation="nearest": lambda x: resized(resized(x, 1, pair(size)[0], interpolation), 2, pair(size)[1], interpolation)),
    Add=plain(lambda: lambda *rows: sum(rows)),
    Concatenate=plain(lambda: lambda *rows: numpy.concatenate(rows, axis=-1)),
)


def gelu(x, approximate):
    if approximate:
        return x * (1 + numpy.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2
    return x * (1 + numpy.vectorize(math.erf)(x / math.sqrt(2))) / 2


ops = types.SimpleNamespace(
    gelu=lift(gelu),
    where=lift(numpy.where),
    softplus=lift(softplus),
    pad=lift(lambda x, sides, constant_values: numpy.pad(x, sides, constant_values=constant_values)),
    reshape=lift(numpy.reshape),
    convert_to_tensor=numpy.array,
    concatenate=lift(lambda parts, axis: numpy.concatenate(parts, axis)),
    mean=lift(lambda x, axis, keepdims: x.mean(axis, keepdims=keepdims)),
    max=lift(lambda x, axis, keepdims: x.max(axis, keepdims=keepdims)),
    take=lift(lambda x, places, axis: x.take(places, axis)),
)
