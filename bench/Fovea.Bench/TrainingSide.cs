using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Fovea.Bench;

/// <summary>One of those that are compared: a network with its data, ready to do training steps.</summary>
internal abstract class TrainingSide
{
    /// <summary>One step.</summary>
    /// <returns>The mean loss of the batch.</returns>
    public abstract double Step();

    /// <summary>The sides by name: fovea, libtorch (N x C x H x W) and libtorch-channels-last.</summary>
    public static readonly string[] Names = ["fovea", "libtorch", "libtorch-channels-last"];

    /// <summary>The side of this name.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="spec">The model; all sides begin with the same weights.</param>
    /// <param name="optimizer">What updates the weights.</param>
    /// <param name="threads">Threads of the engine; those of libtorch are the process's.</param>
    /// <param name="batch">Samples of a step; the same for all sides.</param>
    public static TrainingSide Create(string name, ModelSpec spec, Optimizer optimizer, int threads, int batch)
    {
        var network = new Network(spec, seed: 1);
        int[] labels = RandomData.Labels(batch, spec.Output.Count);
        return name == Names[0] ? new Engine(network, optimizer, threads, RandomData.Input(spec.Input, batch), labels)
            : new Torch(network, optimizer, name == Names[2], batch, labels);
    }

    private sealed class Engine : TrainingSide
    {
        private readonly ExecutionPlan _plan;
        private readonly Dataset _data;
        private readonly int[] _samples;

        public Engine(Network network, Optimizer optimizer, int threads, Tensor input, int[] labels)
        {
            var options = new PlanOptions
            {
                BatchSize = input.Samples,
                Threads = threads,
                Loss = Loss.For(network.Model),
                Optimizer = new OptimizerState(network, optimizer, seed: 1),
            };
            _plan = ExecutionPlan.Create(network, options);
            _data = Dataset.FromTensor(input, labels, network.Output.Count);
            _samples = [.. Enumerable.Range(0, labels.Length)];
        }

        public override double Step() => _plan.Train(new Batch(_data, _samples)).Loss / _samples.Length;
    }

    private sealed class Torch : TrainingSide
    {
        private readonly Sequential _model;
        private readonly optim.Optimizer _optimizer;
        private readonly torch.Tensor _input, _labels;
        private readonly Loss _loss;

        public Torch(Network network, Optimizer optimizer, bool channelsLast, int batch, int[] labels)
        {
            _model = TorchModel.Create(network, channelsLast);
            _loss = Loss.For(network.Model);
            _optimizer = TorchModel.Optimizer(optimizer, _model.parameters());
            _input = TorchModel.Input(RandomData.Input(network.Input, batch), channelsLast);
            _labels = tensor([.. labels.Select(label => (long)label)]);
        }

        public override double Step()
        {
            using var scope = NewDisposeScope();
            _optimizer.zero_grad();
            torch.Tensor loss = TorchModel.Loss(_loss, _model.forward(_input), _labels);
            loss.backward();
            _optimizer.step();
            return loss.item<float>();
        }
    }
}
