using Fovea.Tests.Laws;

namespace Fovea.Tests.Layers;

public class BatchNorm2DTests
{
    [Fact]
    public void Statistics_are_those_of_the_batch_by_hand()
    {
        // Two samples of one channel of 1x2: 1, 2 and 3, 6. Mean 3, biased variance (4 + 1 + 0 + 9) / 4 = 3.5, unbiased 14 / 3.
        var network = new Network(ModelSpec.Parse("batchnorm | flatten", new Shape(1, 1, 2)));
        network.SetParameter("0.weight", [2]);
        network.SetParameter("0.bias", [0.5f]);
        Dataset data = Dataset.FromTensor(new Tensor(2, new Shape(1, 1, 2), [1, 2, 3, 6]), new Tensor(2, Shape.Flat(2), [1, 1, 1, 1]));
        foreach (int lanes in Plans.Lanes)
        {
            network.SetParameter("0.running_mean", [1]);
            network.SetParameter("0.running_var", [2]);
            ExecutionPlan plan = Plans.Create(network, new PlanOptions
            {
                BatchSize = 2,
                Threads = 1,
                Loss = new DotLoss(),
                Optimizer = new OptimizerState(network, new Sgd(), seed: 1),
                Lanes = lanes,
            });
            BatchSums sums = plan.Train(new Batch(data, [0, 1]), keepGradients: true);

            // The normalized numbers add up to nothing: the sum of the outputs is four times the shift.
            Assert.Equal(4 * 0.5, sums.Loss, 1e-5);
            Assert.Equal(0.9f * 1 + 0.1f * 3, network.GetParameter("0.running_mean")[0], 1e-6f);
            Assert.Equal(0.9f * 2 + 0.1f * 14 / 3, network.GetParameter("0.running_var")[0], 1e-6f);

            // In evaluation the running mean 1.2 and variance 2.2667 are used: (x - 1.2) / 1.5055 x 2 + 0.5.
            float[] output = new float[4];
            plan.Predict(new Batch(data, [0, 1]), output);
            double deviation = Math.Sqrt(0.9 * 2 + 0.1 * 14 / 3 + 1e-5);
            Assert.Equal([.. ((double[])[1, 2, 3, 6]).Select(x => (float)((x - 1.2) / deviation * 2 + 0.5))], output, (a, b) => Math.Abs(a - b) < 1e-5);
        }
    }

    [Fact]
    public void Statistics_of_numbers_far_from_zero_do_not_cancel_out()
    {
        float[] x = [.. Numbers.Distinct(2 * 19 * 6, seed: 3).Select(value => 1000 + value)];
        var network = new Network(ModelSpec.Parse("batchnorm | flatten", new Shape(2, 3, 2)));
        Dataset data = Dataset.FromTensor(new Tensor(19, new Shape(2, 3, 2), x), new Tensor(19, Shape.Flat(12)));
        var optimizer = new OptimizerState(network, new Sgd(), seed: 1);
        ExecutionPlan plan = Plans.Create(network, new PlanOptions { BatchSize = 19, Threads = 1, Loss = new DotLoss(), Optimizer = optimizer, Lanes = Plans.UsualLanes });
        plan.Train(new Batch(data, [.. Enumerable.Range(0, 19)]), keepGradients: true);
        for (int channel = 0; channel < 2; channel++)
        {
            double[] values = [.. Enumerable.Range(0, 19).SelectMany(sample => x.Skip((sample * 2 + channel) * 6).Take(6)).Select(value => (double)value)];
            double mean = values.Average(), variance = values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1);
            Assert.Equal(0.9 + 0.1 * variance, network.GetParameter("0.running_var")[channel], 1e-6);
            Assert.Equal(0.1 * mean, network.GetParameter("0.running_mean")[channel], 1e-4);
        }
    }

    [Fact]
    public void The_variance_of_equal_numbers_is_not_negative_however_large_they_are()
    {
        var network = new Network(ModelSpec.Parse("batchnorm | flatten", new Shape(1, 1, 1)));
        var random = new Random(1);
        for (int i = 0; i < 200; i++)
        {
            float[] x = [.. Enumerable.Repeat(100_000 * (1 + random.NextSingle()), 7)];
            Dataset data = Dataset.FromTensor(new Tensor(7, new Shape(1, 1, 1), x), new Tensor(7, Shape.Flat(1), [1, 1, 1, 1, 1, 1, 1]));
            var optimizer = new OptimizerState(network, new Sgd(), seed: 1);
            ExecutionPlan plan = Plans.Create(network, new PlanOptions { BatchSize = 7, Threads = 1, Loss = new DotLoss(), Optimizer = optimizer, Lanes = Plans.UsualLanes });
            Assert.True(double.IsFinite(plan.Train(new Batch(data, [0, 1, 2, 3, 4, 5, 6]), keepGradients: true).Loss), $"{x[0]:G9}");
        }
    }

    [Fact]
    public void Outputs_that_are_kept_for_one_group_a_worker_are_not_shown()
    {
        var shape = new Shape(2, 4, 4);
        var network = new Network(ModelSpec.Parse("conv 3 k3 p1 | batchnorm | relu | conv 2 k3", shape));
        Dataset data = Dataset.FromTensor(new Tensor(37, shape, new float[37 * shape.Count]), new int[37], classes: 2);
        foreach (bool fuse in (bool[])[true, false])
        {
            ExecutionPlan plan = Plans.Create(network, new PlanOptions { BatchSize = 37, Threads = 1, Lanes = 4, Fuse = fuse });
            void Look() => plan.Observe(new Batch(data, [.. Enumerable.Range(0, 37)]), null, (_, _, _) => { });
            if (fuse) Assert.Contains("Fuse = false", Assert.Throws<InvalidOperationException>(Look).Message);
            else Look();
        }
    }
}
