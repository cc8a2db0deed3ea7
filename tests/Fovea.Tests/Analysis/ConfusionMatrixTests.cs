namespace Fovea.Tests.Analysis;

public class ConfusionMatrixTests
{
    // A network that gives its input back: what is largest in a sample is its class.
    private static Network Identity(int features, int outputs)
    {
        var network = new Network(ModelSpec.Parse($"linear {outputs} nobias", Shape.Flat(features)));
        float[] weight = new float[outputs * features];
        for (int i = 0; i < Math.Min(features, outputs); i++) weight[i * features + i] = 1;
        network.SetParameter("0.weight", weight);
        return network;
    }

    [Fact]
    public void Each_sample_is_counted_where_its_class_meets_what_it_was_taken_for()
    {
        float[] samples = [9, 0, 0, /**/ 0, 9, 0, /**/ 0, 9, 0, /**/ 9, 0, 0, /**/ 0, 0, 9];
        Dataset data = Dataset.FromTensor(new Tensor(5, Shape.Flat(3), samples), [0, 0, 1, 1, 1], 3);
        ConfusionMatrix matrix = ConfusionMatrix.Of(Identity(3, 3), data, new CrossEntropyLoss());
        Assert.Equal([[1, 1, 0], [1, 1, 1], [0, 0, 0]], matrix.Counts);
        Assert.Equal((2, 3, 0), (matrix.Samples(0), matrix.Samples(1), matrix.Samples(2)));
        Assert.Equal((0.5, 1 / 3.0, null), (matrix.Accuracy(0), matrix.Accuracy(1), matrix.Accuracy(2)));
    }

    [Fact]
    public void Outputs_beyond_the_classes_have_columns_of_their_own()
    {
        Dataset data = Dataset.FromTensor(new Tensor(2, Shape.Flat(3), [0, 0, 9, 0, 9, 0]), [0, 1], 2);
        Assert.Equal([[0, 0, 1], [0, 1, 0]], ConfusionMatrix.Of(Identity(3, 3), data, new CrossEntropyLoss()).Counts);
    }

    [Fact]
    public void One_output_parts_two_classes_where_the_loss_says()
    {
        Dataset data = Dataset.FromTensor(new Tensor(3, Shape.Flat(1), [0.3f, 0.6f, -0.1f]), [0, 0, 1], 2);
        // Of logits, above 0 is class 1; of probabilities, above a half.
        Assert.Equal([[0, 2], [1, 0]], ConfusionMatrix.Of(Identity(1, 1), data, new BceWithLogitsLoss()).Counts);
        Assert.Equal([[1, 1], [1, 0]], ConfusionMatrix.Of(Identity(1, 1), data, new BceLoss()).Counts);
    }

    [Fact]
    public void One_output_may_take_samples_of_the_only_class_for_another()
    {
        Dataset data = Dataset.FromTensor(new Tensor(2, Shape.Flat(1), [0.3f, 0.6f]), [0, 0], 1);
        Assert.Equal([[1, 1]], ConfusionMatrix.Of(Identity(1, 1), data, new BceLoss()).Counts);
    }

    [Fact]
    public void Samples_of_another_shape_and_without_classes_are_refused()
    {
        Dataset longer = Dataset.FromTensor(new Tensor(1, Shape.Flat(4)), [0], 2);
        Assert.StartsWith("the model takes 3, but the samples of data are 4.", Assert.Throws<FoveaException>(() => ConfusionMatrix.Of(Identity(3, 3), longer, new CrossEntropyLoss())).Message);
        Dataset values = Dataset.FromTensor(new Tensor(1, Shape.Flat(3)), new Tensor(1, Shape.Flat(3)));
        Assert.StartsWith("data has target values, not classes", Assert.Throws<FoveaException>(() => ConfusionMatrix.Of(Identity(3, 3), values, new MseLoss())).Message);
    }

    [Fact]
    public void Its_diagonal_is_the_accuracy_on_more_samples_than_a_batch()
    {
        var random = new Random(1);
        var samples = new Tensor(600, Shape.Flat(4));
        for (int i = 0; i < samples.Values.Length; i++) samples.Values[i] = random.NextSingle();
        Dataset data = Dataset.FromTensor(samples, [.. Enumerable.Range(0, 600).Select(_ => random.Next(4))], 4);
        Network network = Identity(4, 4);
        ConfusionMatrix matrix = ConfusionMatrix.Of(network, data, new CrossEntropyLoss());
        Assert.Equal(600, Enumerable.Range(0, 4).Sum(matrix.Samples));
        Assert.Equal(Trainer.Evaluate(network, data, new CrossEntropyLoss()).Accuracy, Enumerable.Range(0, 4).Sum(i => matrix.Counts[i][i]) / 600.0, 1e-12);
    }

    [Fact]
    public void Balanced_accuracy_counts_a_rare_class_as_much_as_a_common_one()
    {
        var matrix = new ConfusionMatrix(["round", "odd"], [[90, 0], [6, 4]]);
        // Recalls of 90/90 and 4/10; the accuracy would be 94/100.
        Assert.Equal(0.7, matrix.BalancedAccuracy, 1e-12);
        Assert.Equal((1, true), (matrix.RarestClass, matrix.IsImbalanced));
        Assert.False(new ConfusionMatrix(["a", "b"], [[14, 0], [6, 4]]).IsImbalanced);
    }
}
