using Fovea.Kernels;
using Fovea.Tests.Kernels;

namespace Fovea.Tests.Laws;

/// <summary>Layers on guarded memory: they read nothing past their operands and write all of their results and nothing else.</summary>
public unsafe class GuardLaws
{
    [Theory, MemberData(nameof(Examples.Layers), MemberType = typeof(Examples))]
    public void Layers_write_an_output_of_the_shape_that_is_said_and_nothing_past_it(string example)
    {
        Run<Lanes4>(example);
        if (!Plans.HasVectors) return;
        Run<Lanes8>(example);
        Run<Lanes16>(example);
    }

    private static void Run<V>(string example) where V : struct, ILanes<V>
    {
        var (input, layer) = Examples.Read(example);
        // The input and its gradient are the output and its gradient.
        if (layer.IsView) return;
        const int groups = 3;
        Shape output = layer.OutputShape(input);
        int samples = groups * V.Count - 1;
        var specimen = new Specimen(input, [layer], samples);
        // As if a padded convolution came next: its zeros around the output must stay.
        Margin outputMargin = output.IsFlat ? Margin.None : new Margin(1, 2, 3, 1);
        // Wider than the layer asks for: another that reads the same input may want that.
        var (x, xMemory) = Tensor(input, layer.InputMargin(input).Union(input.IsFlat ? Margin.None : new Margin(1, 0, 2, 1)));
        var (y, yMemory) = Tensor(output, outputMargin);
        var (dx, dxMemory) = Tensor(input, Margin.None);
        var (dy, dyMemory) = Tensor(output, Margin.None);
        xMemory.Span.Clear();
        ClearMargin(yMemory, y);
        dyMemory.Span.Clear();
        Load(specimen.X, x, samples);
        Load(specimen.DY, dy, samples);

        var mask = new GuardedBuffer(groups * V.Count);
        for (int i = 0; i < mask.Count; i++) mask.Span[i] = i < samples ? 1 : 0;
        var step = new StepState
        {
            Groups = groups,
            Chunks = Split.Into(groups, StepState.MaximumChunks),
            Samples = samples,
            Training = true,
            Mask = mask.Data,
        };
        var plan = new LayerPlan<V>
        {
            Context = new PlanContext
            {
                Memory = new Memory(),
                Step = step,
                Groups = groups,
                LargestOutput = new LayerSequence("", "", [layer]).Outputs(x.Shape, fuse: true).Append(x.Shape.Count).Max(),
                Threads = 1,
                Fuse = true,
                Winograd = WinogradCosts.OwnAdders,
                Contribute = (_, _, _) => { },
            },
            Index = 1,
            Depth = 0,
            Input = x,
            Output = y,
            InputGradient = dx,
            OutputGradient = dy,
            // Without those of the taps.
            Parameters = [.. specimen.Network.ParameterMemory.AllBlocks.Skip(1).SkipLast(1)],
            Buffers = specimen.Network.BufferMemory.AllBlocks,
            Followers = [],
        };
        layer.Plan(plan);
        foreach (Stage stage in (Stage[])[.. plan.Preparation, .. plan.Forward, .. plan.Backward])
        {
            for (int item = 0; item < (stage.Items?.Invoke(groups) ?? groups); item++) stage.Run(item, 0);
        }

        string what = $"{V.Count} lanes";
        AssertWritten(y, groups, $"{what}: output");
        AssertWritten(dx, groups, $"{what}: input gradient");
        AssertMarginIsZero(yMemory, y, $"{what}: output");
        xMemory.AssertUntouchedOutside($"{what}: input");
        yMemory.AssertUntouchedOutside($"{what}: output");
        dxMemory.AssertUntouchedOutside($"{what}: input gradient");
        dyMemory.AssertUntouchedOutside($"{what}: output gradient");
        GC.KeepAlive(plan.Memory);
        GC.KeepAlive(specimen);

        (LaneTensor Tensor, GuardedBuffer Memory) Tensor(Shape shape, Margin margin)
        {
            var memory = new GuardedBuffer(LaneTensor.Size(shape, V.Count, margin, groups));
            return (new LaneTensor(memory.Data, shape, V.Count, margin), memory);
        }
    }

    private static void Load(float[] values, LaneTensor target, int samples)
    {
        int index = 0;
        for (int sample = 0; sample < samples; sample++)
        {
            foreach (nint pixel in Pixels(target)) target.At(sample / target.Lanes)[pixel + sample % target.Lanes] = values[index++];
        }
    }

    private static void AssertWritten(LaneTensor tensor, int groups, string what)
    {
        for (int group = 0; group < groups; group++)
        {
            foreach (nint pixel in Pixels(tensor))
            {
                for (int lane = 0; lane < tensor.Lanes; lane++)
                {
                    float value = tensor.At(group)[pixel + lane];
                    Assert.False(GuardedBuffer.IsUntouched(value), $"{what}: float {pixel + lane} of group {group} was not written");
                    Assert.True(float.IsFinite(value), $"{what}: float {pixel + lane} of group {group} is {value}: memory past an operand was read");
                }
            }
        }
    }

    // All is margin but the pixels.
    private static void ClearMargin(GuardedBuffer memory, LaneTensor tensor)
    {
        float untouched = memory.Span[0];
        memory.Span.Clear();
        for (nint group = 0; group < memory.Count / tensor.Group; group++)
        {
            foreach (nint pixel in Pixels(tensor)) new Span<float>(tensor.At((int)group) + pixel, tensor.Lanes).Fill(untouched);
        }
    }

    private static void AssertMarginIsZero(GuardedBuffer memory, LaneTensor tensor, string what)
    {
        for (nint group = 0; group < memory.Count / tensor.Group; group++)
        {
            foreach (nint pixel in Pixels(tensor)) new Span<float>(tensor.At((int)group) + pixel, tensor.Lanes).Clear();
        }
        Assert.True(memory.Span.IndexOfAnyExcept(0f) < 0, $"{what}: the margin was written");
    }

    // The places of a group's pixels, in order: the first lane of each.
    private static IEnumerable<nint> Pixels(LaneTensor tensor) =>
        from channel in Enumerable.Range(0, tensor.Shape.Channels)
        from row in Enumerable.Range(0, tensor.Shape.Height)
        from column in Enumerable.Range(0, tensor.Shape.Width)
        select channel * tensor.Plane + row * tensor.Row + column * tensor.Lanes;
}
