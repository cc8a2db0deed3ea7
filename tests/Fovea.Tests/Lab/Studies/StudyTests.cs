using Fovea.Lab;

namespace Fovea.Tests;

public class StudyTests
{
    private static readonly Study s_stride = Studies.Get("stride").ToStudy();

    [Fact]
    public void The_stride_study_compares_the_two_networks_of_the_zoo()
    {
        Assert.Equal(["stride 1", "stride 2"], s_stride.Variants.Select(v => v.Name));
        Assert.Equal([Zoo.Get("stride1"), Zoo.Get("stride2")], s_stride.Variants.Select(v => v.Model));
        Assert.Equal(["stride1", "stride2"], s_stride.Variants.Select(v => v.Model.Name));
        Assert.Equal(new TrainingSettings { Epochs = 3 }, Assert.Single(s_stride.Variants.Select(v => v.Settings).Distinct()));
    }

    [Fact]
    public void The_batch_size_study_differs_in_the_batch_size_alone()
    {
        Study study = Studies.Get("batch-size").ToStudy();
        Assert.Equal(["batch 32", "batch 1,000", "batch 10,000"], study.Variants.Select(v => v.Name));
        Assert.Equal([32, 1_000, 10_000], study.Variants.Select(v => v.Settings.BatchSize));
        Assert.Single(study.Variants.Select(v => (v.Model, v.Settings with { BatchSize = 1 })).Distinct());
    }

    [Theory]
    [MemberData(nameof(Impossible))]
    public void A_study_that_cannot_be_run_is_refused(Study study, string message) =>
        Assert.Equal(message, Assert.ThrowsAny<FoveaException>(study.Check).Message);

    public static TheoryData<Study, string> Impossible => new()
    {
        { s_stride with { Seeds = [] }, "study stride: there is no seed: give at least one, as in 1,2,3." },
        { s_stride with { Seeds = [1, 2, 1] }, "study stride: a seed is given twice in 1,2,1: a repeated run would add nothing." },
        { s_stride with { Limit = 0 }, "study stride: the limit must be at least 1 sample, got 0." },
        { s_stride with { Variants = [] }, "study stride: there is no variant." },
        { s_stride with { Variants = [s_stride.Variants[0] with { Settings = new() { Epochs = 0 } }] }, "settings: epochs must be at least 1, got 0." },
        {
            s_stride with { Variants = [s_stride.Variants[0], s_stride.Variants[1] with { Model = Zoo.Get("lenet5") }] },
            "study stride: stride 2 takes 1x32x32, but stride 1 takes 1x28x28: all variants must take the same samples."
        },
        {
            s_stride with { Variants = [Of("conv 4 k30")] },
            "layer 1 conv2d(filters 4, kernel 30): kernel 30x30 does not fit input 1x28x28 with padding 0. "
                + "Use padding 1 or a smaller kernel."
        },
        {
            s_stride with { Variants = [Of("flatten | linear 10")] },
            "the model ends with linear(features 10), but the loss nll takes log-probabilities: end the model with logsoftmax, "
                + "or use the loss cross-entropy."
        },
        {
            s_stride with { Variants = [s_stride.Variants[0], s_stride.Variants[0]] },
            "study stride: two variants are called \"stride 1\": give each value and each budget once, or values labels that differ."
        },
    };

    private static StudyVariant Of(string model) => new(model, ModelSpec.Parse(model, new Shape(1, 28, 28)), new TrainingSettings());
}
