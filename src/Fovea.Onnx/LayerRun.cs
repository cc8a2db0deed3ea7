namespace Fovea.Onnx;

/// <summary>Runs one layer as a network of its own, on the library's fast kernels.</summary>
internal static class LayerRun
{
    /// <summary>The shape and numbers of a layer's output.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="shape">The shape of each sample.</param>
    /// <param name="input">The samples: as many as there are numbers for.</param>
    /// <param name="parameters">What it learned; null where it has none.</param>
    /// <exception cref="FoveaException">The layer does not fit its input, or the parameters are not its.</exception>
    public static (Shape Shape, float[] Values) Apply(Layer layer, Shape shape, OnnxTensor input, params ReadOnlySpan<(string Name, OnnxTensor? Values)> parameters)
    {
        var model = new ModelSpec(shape, [layer]);
        // With the zeros around it.
        var margin = layer.InputMargin(shape);
        long given = input.Count, padded = (long)shape.Channels * ((long)shape.Height + margin.Top + margin.Bottom) * ((long)shape.Width + margin.Left + margin.Right);
        long samples = input.Count / shape.Count;
        foreach (var (_, values) in parameters) given += values?.Count ?? 0;
        if (Math.Max(padded, layer.OutputShape(shape).Count) * samples is var numbers && numbers > Indexing.Largest(given))
            throw new FoveaException($"it would make {numbers:N0} numbers of {given:N0}");
        var wanted = layer.Parameters(shape).ToDictionary(parameter => parameter.Name, parameter => parameter.Shape);
        foreach (var (name, values) in parameters)
        {
            if (values is not null && (values.AllFloats is null || !values.Shape.Where(extent => extent != 1).SequenceEqual(wanted[name].Where(extent => extent != 1))))
                throw new FoveaException($"its {name} is {values}, expected float {OnnxNode.List(wanted[name])}");
        }
        var network = new Network(model);
        foreach (var (name, values) in parameters) if (values is not null) network.SetParameter($"0.{name}", values.AllFloats);
        return (model.Output, network.Predict(new Tensor(input.Count / shape.Count, shape, input.AllFloats!)).Values);
    }
}
