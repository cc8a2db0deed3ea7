using Fovea.Kernels;

namespace Fovea;

/// <summary>Those passes of a convolution that are quicker by Winograd's algorithm: what is kept of the weights, and scratch. Weights are transformed once a batch.</summary>
internal sealed unsafe class WinogradPlan<V> where V : struct, ILanes<V>
{
    private readonly LayerPlan<V> _plan;
    private readonly WinogradGeometry _tiles, _transposed;
    private readonly ParameterBlock _weight;
    private readonly nint _position, _channel;

    // The weights transformed, for the pass forward and turned for the one backward; and, of each worker, the gradient of the first.
    private readonly float* _forward, _backward;
    private readonly WorkerScratch _gradient, _scratch;

    public WinogradPlan(LayerPlan<V> plan, in WinogradGeometry tiles)
    {
        (_plan, _tiles, _transposed, _weight) = (plan, tiles, tiles.Transposed(), plan.Parameters[0]);
        WinogradCosts costs = plan.Context.Winograd;
        int channels = tiles.Input.Channels, taps = tiles.Kernel * tiles.Kernel;
        _channel = _weight.RowSize;
        _position = WinogradKernels<V>.Position(channels * _channel);
        nint size = WinogradGeometry.Positions * _position, scratch = 0;
        if (tiles.IsForwardQuicker(costs))
        {
            _forward = plan.Memory.Floats(size);
            scratch = WinogradKernels<V>.ForwardScratch(tiles);
        }
        if (plan.OutputGradient is not null && tiles.IsFilterGradientQuicker(costs))
        {
            HasFilterGradient = true;
            _gradient = plan.Scratch(size);
            scratch = Math.Max(scratch, WinogradKernels<V>.BackwardScratch(tiles));
        }
        if (plan.InputGradient is not null && _transposed.IsForwardQuicker(costs))
        {
            _backward = plan.Memory.Floats(size);
            scratch = Math.Max(scratch, WinogradKernels<V>.ForwardScratch(_transposed));
        }
        _scratch = plan.Scratch(scratch);
        if (!HasForward && !HasInputGradient) return;
        plan.Prepare(channels, (channel, _) =>
        {
            float* weights = _weight.Values + channel * taps * _channel;
            if (HasForward) WinogradKernels<V>.TransformWeights(_tiles.Kernel, turned: false, weights, _channel, _channel, _forward + channel * _channel, _position);
            if (HasInputGradient && plan.Step.Training)
                WinogradKernels<V>.TransformWeights(_tiles.Kernel, turned: true, weights, _channel, _channel, _backward + channel * _channel, _position);
        });
    }

    /// <summary>Which of the passes are done so.</summary>
    public bool HasForward => _forward != null;

    /// <inheritdoc cref="HasForward"/>
    public bool HasFilterGradient { get; }

    /// <inheritdoc cref="HasForward"/>
    public bool HasInputGradient => _backward != null;

    /// <summary>The output of all filters, raised to <paramref name="floor"/>.</summary>
    public void Forward(int group, int worker, float* bias, float* y, nint yPlane, nint yRow, float floor) =>
        WinogradKernels<V>.Forward(_tiles, _plan.Input.Of(worker).At(group), _plan.Input.Plane, _plan.Input.Row, _tiles.Padding, _forward, _position, _channel, 1,
            bias, y, yPlane, yRow, floor, _scratch.At(worker));

    /// <summary>The gradient of the input, from that of the output, which has no margin.</summary>
    public void BackwardData(int group, int worker, float* dy, nint dyPlane, nint dyRow)
    {
        LaneTensor dx = _plan.InputGradient!.Value.Of(worker);
        WinogradKernels<V>.Forward(_transposed, dy, dyPlane, dyRow, default, _backward, _position, 1, _channel, null, dx.At(group), dx.Plane, dx.Row, float.NegativeInfinity, _scratch.At(worker));
    }

    /// <summary>Adds a group to the gradient of the transformed weights; after the last group of a chunk, <paramref name="dw"/> is the chunk's gradient of the weights.</summary>
    public void BackwardFilter(int group, int worker, float* dy, nint dyPlane, nint dyRow, float* dw)
    {
        Split chunks = _plan.Step.Chunks;
        int chunk = chunks.PartOf(group), taps = _tiles.Kernel * _tiles.Kernel;
        float* gradient = _gradient.At(worker);
        WinogradKernels<V>.BackwardFilter(_tiles, _plan.Input.Of(worker).At(group), _plan.Input.Plane, _plan.Input.Row, dy, dyPlane, dyRow, gradient, _position, _channel,
            accumulate: group > chunks.Start(chunk), _scratch.At(worker));
        if (group < chunks.End(chunk) - 1) return;
        for (int channel = 0; channel < _tiles.Input.Channels; channel++)
            WinogradKernels<V>.BackwardWeights(_tiles.Kernel, gradient + channel * _channel, _position, dw + channel * taps * _channel, _channel);
    }
}
