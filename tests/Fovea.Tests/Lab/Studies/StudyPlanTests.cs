using Fovea.Lab;

namespace Fovea.Tests;

public class StudyPlanTests
{
    private static readonly StudyPlan s_plan = new() { Name = "test" };

    public static TheoryData<string> Presets => [.. Studies.Names];

    [Theory, MemberData(nameof(Presets))]
    public void A_preset_can_be_run_and_survives_its_JSON(string name)
    {
        StudyPlan plan = Studies.Get(name);
        Assert.Equal(name, plan.Name);
        Study study = plan.ToStudy();
        study.Check();
        Study again = StudyPlan.FromJson(plan.ToJson(), name).ToStudy();
        Assert.Equal(study.Variants, again.Variants);
        Assert.Equal((study.Title, study.Question, study.Data), (again.Title, again.Question, again.Data));
    }

    [Fact]
    public void Axes_make_all_combinations_the_last_changing_fastest()
    {
        Study study = (s_plan with { Vary = [StudyAxis.Parse("optimizer=sgd,adam"), StudyAxis.Parse("batch-size=32,1000")] }).ToStudy();
        Assert.Equal(["sgd, batch-size 32", "sgd, batch-size 1,000", "adam, batch-size 32", "adam, batch-size 1,000"], study.Variants.Select(v => v.Name));
        Assert.Equal([(new Sgd(), 32), (new Sgd(), 1000), (new Adam(), 32), (new Adam(), 1000)],
            study.Variants.Select(v => (v.Settings.Optimizer, v.Settings.BatchSize)));
        // The first axis is the question; what the other sets is the same in what is compared.
        Assert.Equal([null, null, "sgd, batch-size 32", "sgd, batch-size 1,000"], study.Variants.Select(v => v.Against));
    }

    [Fact]
    public void A_learning_rate_is_set_after_the_optimizer_that_it_belongs_to()
    {
        Study study = (s_plan with { Vary = [StudyAxis.Parse("lr=0.1,1e-2"), StudyAxis.Parse("optimizer=sgd,adam")] }).ToStudy();
        Assert.Equal([new Sgd(0.1f), new Adam(0.1f), new Sgd(0.01f), new Adam(0.01f)], study.Variants.Select(v => v.Settings.Optimizer));
        Assert.Equal(["lr 0.1, sgd", "lr 0.1, adam", "lr 1e-2, sgd", "lr 1e-2, adam"], study.Variants.Select(v => v.Name));
    }

    [Fact]
    public void Properties_of_layers_and_activations_are_changed_in_the_model()
    {
        StudyPlan plan = s_plan with { Model = "conv 4 k3 | relu | conv 8 k3 | relu | flatten | linear 10 | logsoftmax", Input = "1x28x28" };
        Study study = (plan with { Vary = [StudyAxis.Parse("conv2.filters,conv1.filters=6,7"), StudyAxis.Parse("activation=tanh")] }).ToStudy();
        Assert.Equal(["conv 6 k3 | tanh | conv 6 k3 | tanh | flatten | linear 10 | logsoftmax", "conv 7 k3 | tanh | conv 7 k3 | tanh | flatten | linear 10 | logsoftmax"],
            study.Variants.Select(v => v.Model.ToText()));
    }

    [Fact]
    public void The_loss_suits_the_models_end_unless_it_is_given()
    {
        StudyPlan plan = s_plan with { Model = "flatten | linear 10" };
        Assert.Equal(new CrossEntropyLoss(), plan.ToStudy().Variants[0].Settings.Loss);
        Assert.Equal([new MseLoss(), new CrossEntropyLoss()],
            (plan with { Vary = [StudyAxis.Parse("loss=mse,cross-entropy")] }).ToStudy().Variants.Select(v => v.Settings.Loss));
    }

    [Theory]
    [InlineData("fixed", 0.001f, 0.001f)]
    [InlineData("linear", 0.001f, 0.004f)]
    [InlineData("sqrt", 0.001f, 0.002f)]
    public void The_learning_rate_follows_the_batch_size_by_its_rule(string rule, float first, float second)
    {
        // 128 samples are 4 times 32: 4 times the rate, or twice.
        Study study = (s_plan with { LearningRateRule = rule, Vary = [StudyAxis.Parse("batch-size=32,128")] }).ToStudy();
        Assert.Equal([first, second], study.Variants.Select(v => v.Settings.Optimizer.LearningRate));
    }

    [Fact]
    public void A_value_may_be_an_object_of_settings()
    {
        StudyPlan plan = StudyPlan.FromJson("""
            { "name": "mine", "vary": [ { "settings": ["optimizer"], "labels": ["plain", "momentum"],
              "values": [ {}, { "lr": 0.5, "optimizer": "sgd", "momentum": 0.9 } ] } ] }
            """, "mine.json");
        Study study = plan.ToStudy();
        Assert.Equal([("plain", new Adam()), ("momentum", new Sgd(0.5f) { Momentum = 0.9f })], study.Variants.Select(v => (v.Name, v.Settings.Optimizer)));
    }

    [Theory]
    [InlineData("""[{ "lr": 1 }]""", "the axis optimizer has values of several settings: give labels, one for each value.")]
    [InlineData("[[1]]", "the axis optimizer: a value is a word, a number, true or false, or an object of settings.")]
    public void A_value_that_sets_nothing_is_refused(string values, string message)
    {
        StudyPlan plan = StudyPlan.FromJson($$"""{ "name": "mine", "vary": [ { "settings": ["optimizer"], "values": {{values}} } ] }""", "mine.json");
        Assert.Equal(message, Assert.Throws<FoveaException>(plan.ToStudy).Message);
    }

    [Theory]
    [InlineData("The effect of lr", "What does lr do to accuracy, loss, time and memory?", "lr=1,2")]
    [InlineData("The effect of lr, loss and conv1.stride", "What do lr, loss and conv1.stride do to accuracy, loss, time and memory?", "lr=1e-2,1e-3", "loss=nll,mse", "conv1.stride=1,2")]
    public void Its_question_names_all_that_varies(string title, string question, params string[] axes)
    {
        Study study = (s_plan with { Title = null, Question = null, Vary = [.. axes.Select(StudyAxis.Parse)] }).ToStudy();
        Assert.Equal((title, question), (study.Title, study.Question));
    }

    [Fact]
    public void Every_budget_has_all_variants()
    {
        Study study = (s_plan with { Budgets = ["epochs=2", "updates=30", "seconds=1.5"], Vary = [StudyAxis.Parse("batch-size=32,64")] }).ToStudy();
        Assert.Equal([(2, null, null), (2, null, null), (int.MaxValue, 30L, null), (int.MaxValue, 30L, null), (int.MaxValue, null, 1.5), (int.MaxValue, null, (double?)1.5)],
            study.Variants.Select(v => (v.Settings.Epochs, v.Settings.Updates, v.Settings.Seconds)));
        // Where the epochs are not limited, there is no number of them.
        Assert.Equal(["2", "2", null, null, null, null], study.Variants.Select(v => v.Settings.Describe().GetValueOrDefault("epochs")));
        study.Check();
    }

    [Theory]
    [InlineData("""{ "name": "mine", "seed": [1] }""", "a study has no \"seed\". Did you mean seeds? It has name, title, ")]
    [InlineData("""{ "name": "mine", "vary": [ { "setting": ["lr"], "values": [1] } ] }""", "what varies has no \"setting\". Did you mean settings? It has settings, values, ")]
    [InlineData("""{ "vary": [] }""", "it has no name. ")]
    [InlineData("[]", "it is no object. ")]
    [InlineData("""{ "name": "mine", """, "")]
    [InlineData("""{ "name": "mine", "vary": null }""", "")]
    [InlineData("""{ "name": "mine", "vary": [null] }""", "what varies is a list of objects. ")]
    [InlineData("""{ "name": "mine", "vary": [ { "settings": ["lr"] } ] }""", "expected a list of values. ")]
    [InlineData("""{ "name": "mine", "vary": [ { "settings": [null], "values": [1] } ] }""", "expected a list of settings. ")]
    [InlineData("""{ "name": "mine", "vary": [ { "settings": ["lr"], "values": [1], "labels": [null] } ] }""", "expected a list of labels. ")]
    [InlineData("""{ "name": "mine", "budgets": [null] }""", "expected a list of budgets. ")]
    [InlineData("""{ "name": "mine", "seeds": null }""", "")]
    [InlineData("""{ "name": "mine", "seeds": [-1] }""", "")]
    [InlineData("""{ "name": "../mine" }""", "the name \"../mine\" cannot be that of a folder. ")]
    [InlineData("""{ "name": ".." }""", "the name \"..\" cannot be that of a folder. ")]
    [InlineData("""{ "name": "" }""", "the name \"\" cannot be that of a folder. ")]
    public void What_is_no_plan_is_refused(string json, string problem)
    {
        string message = Assert.Throws<FoveaException>(() => StudyPlan.FromJson(json, "mine.json")).Message;
        Assert.StartsWith($"mine.json: the study cannot be read: {problem}", message);
        Assert.EndsWith("Expected {\"name\":\"...\",\"model\":\"stride2\",\"vary\":[{\"settings\":[\"batch-size\"],\"values\":[32,1000]}],\"seeds\":[1,2,3],\"budgets\":[\"epochs=5\"]}.", message);
    }

    [Fact]
    public void An_axis_without_values_is_refused_and_a_list_is_a_value_of_several_numbers()
    {
        StudyPlan plan = StudyPlan.FromJson("""{ "name": "mine", "vary": [ { "settings": ["lr"], "values": [] } ] }""", "mine.json");
        Assert.Equal("the axis lr has no value: give at least one.", Assert.Throws<FoveaException>(plan.ToStudy).Message);
        plan = StudyPlan.FromJson("""{ "name": "mine", "vary": [ { "settings": ["class-weights"], "values": [ { "class-weights": [1, 2.5] } ], "labels": ["weighted"] } ] }""", "mine.json");
        Assert.Equal(new NllLoss { ClassWeights = ClassWeights.Of(1, 2.5) }, plan.ToStudy().Variants[0].Settings.Loss);
    }
}
