namespace Fovea.Tests.Training;

public class SampleOrderTests
{
    private const int Count = 400;

    // 300 samples of class 0, 60 of class 1, 40 of class 2, mixed.
    private static readonly int[] s_labels = [.. Enumerable.Range(0, Count).Select(i => i % 10 == 0 ? 2 : i % 20 is 3 or 7 or 11 ? 1 : 0)];

    private static Dataset Data => Dataset.FromTensor(new Tensor(Count, Shape.Flat(1)), s_labels, classes: 3);

    private static int[] Order(Sampling sampling, uint epoch = 0, ulong seed = 5)
    {
        int[] order = new int[Count];
        new SampleOrder(Data, sampling, seed).Fill(order, epoch);
        return order;
    }

    [Fact]
    public void Plain_sampling_takes_each_sample_once() => Assert.Equal(Enumerable.Range(0, Count), Order(Sampling.Plain).Order());

    [Fact]
    public void Balanced_sampling_fills_every_batch_equally()
    {
        foreach (int[] batch in Order(Sampling.Balanced).Chunk(16))
        {
            // 16 samples of three classes: five of each, and one more.
            int[] counts = [.. Enumerable.Range(0, 3).Select(label => batch.Count(i => s_labels[i] == label))];
            Assert.All(counts, count => Assert.InRange(count, 4, 6));
        }
        // A batch of whole rounds is exactly balanced.
        Assert.All(Order(Sampling.Balanced).Chunk(12).Where(batch => batch.Length == 12),
            batch => Assert.Equal([4, 4, 4], Enumerable.Range(0, 3).Select(label => batch.Count(i => s_labels[i] == label))));
    }

    [Fact]
    public void Balanced_sampling_uses_the_samples_of_a_class_equally_often()
    {
        // 133 or 134 samples of each class: those of class 2 come three or four times, those of class 1 two or three, those of class 0 once or not.
        var times = Order(Sampling.Balanced).CountBy(i => i).ToDictionary();
        for (int i = 0; i < Count; i++)
        {
            var (least, most) = s_labels[i] switch { 0 => (0, 1), 1 => (2, 3), _ => (3, 4) };
            Assert.InRange(times.GetValueOrDefault(i), least, most);
        }
    }

    [Fact]
    public void Weighted_sampling_draws_each_class_equally_often_on_average()
    {
        int[] order = [.. Enumerable.Range(0, 25).SelectMany(epoch => Order(Sampling.Weighted, (uint)epoch))];
        // 10,000 draws with probability 1/3: the deviation of a count is sqrt(10000 x 1/3 x 2/3) = 47; four of them are 189.
        for (int label = 0; label < 3; label++) Assert.InRange(order.Count(i => s_labels[i] == label), 3333 - 189, 3333 + 189);
        // Within a class as well: 3333 draws of 40 samples, 83 each with a deviation of 9.
        Assert.All(Enumerable.Range(0, Count).Where(i => s_labels[i] == 2), i => Assert.InRange(order.Count(other => other == i), 83 - 40, 83 + 40));
        // Batches are not balanced.
        Assert.Contains(order.Chunk(12), batch => batch.Count(i => s_labels[i] == 2) is 0 or > 7);
    }

    [Theory, InlineData(Sampling.Plain), InlineData(Sampling.Weighted), InlineData(Sampling.Balanced)]
    public void An_order_follows_from_seed_and_epoch(Sampling sampling)
    {
        Assert.Equal(Order(sampling, epoch: 3), Order(sampling, epoch: 3));
        Assert.NotEqual(Order(sampling, epoch: 3), Order(sampling, epoch: 4));
        Assert.NotEqual(Order(sampling, epoch: 3), Order(sampling, epoch: 3, seed: 6));
    }

    [Fact]
    public void Values_have_no_classes_to_draw_by()
    {
        var settings = new TrainingSettings { Loss = new MseLoss(), Sampling = Sampling.Weighted };
        var exception = Assert.Throws<FoveaException>(() => new Trainer(ModelSpec.Parse("linear 2", Shape.Flat(1)), Problems.Lines(20), settings));
        Assert.Equal("lines: the samples have target values, not classes: weighted sampling has nothing to draw by. Use plain sampling.", exception.Message);
    }

    [Theory, InlineData(Sampling.Weighted), InlineData(Sampling.Balanced)]
    public void A_resumed_training_gives_the_bits_of_an_uninterrupted_one(Sampling sampling)
    {
        using var folder = new TemporaryFolder();
        TrainingSettings settings = new() { Epochs = 2, BatchSize = 8, Sampling = sampling, Optimizer = new Adam { L1 = 0.01f } };
        Dataset data = Problems.Bars(50).Subset([.. Enumerable.Range(0, 50).Where(i => i % 3 != 2 || i < 12)]);
        var straight = new Trainer(Problems.Model, data, settings, threads: 1);
        straight.Run();
        var interrupted = new Trainer(Problems.Model, data, settings, threads: 2);
        using var stop = new CancellationTokenSource();
        interrupted.Run(progress => { if (interrupted.Updates == 7) stop.Cancel(); }, cancellation: stop.Token);
        interrupted.Save(folder.Path);
        Trainer resumed = Trainer.Resume(folder.Path, data, threads: 2);
        resumed.Run();
        Assert.Equal(straight.Network.GetParameter("0.weight"), resumed.Network.GetParameter("0.weight"));
    }

    [Fact]
    public void A_name_that_is_no_sampling_is_refused()
    {
        Assert.Equal(Sampling.Balanced, new TrainingSettings().With("sampling", "balanced").Sampling);
        Assert.Equal("balanced", new TrainingSettings { Sampling = Sampling.Balanced }.Describe()["sampling"]);
        Assert.Equal("sampling: expected plain, weighted or balanced, got \"evenly\".",
            Assert.Throws<FoveaException>(() => new TrainingSettings().With("sampling", "evenly")).Message);
    }
}
