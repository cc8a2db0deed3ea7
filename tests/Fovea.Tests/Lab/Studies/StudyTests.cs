using Fovea.Lab;

namespace Fovea.Tests;

public class StudyTests
{
    [Fact]
    public void The_stride_study_compares_the_two_networks_of_the_zoo()
    {
        Assert.Equal(["stride 1", "stride 2"], Studies.Stride.Variants.Select(v => v.Name));
        Assert.Equal([Zoo.Get("stride1"), Zoo.Get("stride2")], Studies.Stride.Variants.Select(v => v.Model));
        Assert.Single(Studies.Stride.Variants.Select(v => v.Settings).Distinct());
    }

    [Fact]
    public void The_batch_size_study_differs_in_the_batch_size_alone()
    {
        Assert.Equal([32, 1_000, 10_000], Studies.BatchSize.Variants.Select(v => v.Settings.BatchSize));
        Assert.Single(Studies.BatchSize.Variants.Select(v => (v.Model, v.Settings with { BatchSize = 1 })).Distinct());
    }

    [Fact]
    public void Epochs_and_model_are_changed_for_all_variants()
    {
        Study study = Studies.BatchSize.WithEpochs(7).WithModel(Zoo.Get("stride1"));
        Assert.All(study.Variants, variant => Assert.Equal((7, "stride1"), (variant.Settings.Epochs, variant.Model.Name)));
    }

    [Fact]
    public void A_model_is_trained_with_the_loss_that_suits_its_end()
    {
        Study study = Studies.BatchSize.WithModel(ModelSpec.Parse("flatten | linear 10", new Shape(1, 28, 28)));
        Assert.All(study.Variants, variant => Assert.Equal(new CrossEntropyLoss(), variant.Settings.Loss));
        study.Check();
    }

    [Theory]
    [MemberData(nameof(Impossible))]
    public void A_study_that_cannot_be_run_is_refused(Study study, string message) =>
        Assert.Equal(message, Assert.ThrowsAny<FoveaException>(study.Check).Message);

    public static TheoryData<Study, string> Impossible => new()
    {
        { Studies.Stride with { Seeds = [] }, "study stride: there is no seed: give at least one, as in 1,2,3." },
        { Studies.Stride with { Seeds = [1, 2, 1] }, "study stride: a seed is given twice in 1,2,1: a repeated run would add nothing." },
        { Studies.Stride with { Limit = 0 }, "study stride: the limit must be at least 1 sample, got 0." },
        { Studies.Stride with { Variants = [] }, "study stride: there is no variant." },
        { Studies.Stride.WithEpochs(0), "settings: epochs must be at least 1, got 0." },
        {
            Studies.Stride with { Variants = [Studies.Stride.Variants[0], Studies.Stride.Variants[1] with { Model = Zoo.Get("lenet5") }] },
            "study stride: stride 2 takes 1x32x32, but stride 1 takes 1x28x28: all variants must take the same samples."
        },
        {
            Studies.Stride with { Variants = [Of("conv 4 k30")] },
            "layer 1 conv2d(filters 4, kernel 30): kernel 30x30 does not fit input 1x28x28 with padding 0. "
                + "Use padding 1 or a smaller kernel."
        },
        {
            Studies.Stride with { Variants = [Of("flatten | linear 10")] },
            "the model ends with linear(features 10), but the loss nll takes log-probabilities: end the model with logsoftmax, "
                + "or use the loss cross-entropy."
        },
        {
            Studies.Stride with { Variants = [Studies.Stride.Variants[0], Studies.Stride.Variants[0]] },
            "study stride: two variants have the same name."
        },
    };

    private static StudyVariant Of(string model) => new(model, ModelSpec.Parse(model, new Shape(1, 28, 28)), new TrainingSettings());
}
