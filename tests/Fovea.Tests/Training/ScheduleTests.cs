namespace Fovea.Tests.Training;

/// <summary>Schedules by hand; beside libtorch's they are in the oracle tests.</summary>
public class ScheduleTests
{
    /// <summary>Every schedule; also with what is not its default.</summary>
    internal static readonly Schedule[] All =
    [
        new ConstantSchedule(),
        new ConstantSchedule { WarmUp = 0.5 },
        new StepSchedule(),
        new StepSchedule(2) { Factor = 0.5, WarmUp = 1 },
        new CosineSchedule(),
        new CosineSchedule(0.1) { WarmUp = 2 },
        new ExponentialSchedule(),
        new ExponentialSchedule(1e6) { WarmUp = 1 },
        new OneCycleSchedule(),
        new OneCycleSchedule { RiseShare = 0.21, Linear = true, InitialDivisor = 10, FinalDivisor = 100, LowMomentum = 0.7, HighMomentum = 0.9 },
        new OneCycleSchedule { ThreePhases = true, CycleMomentum = false },
        new PlateauSchedule(),
        new PlateauSchedule { Factor = 0.5, Patience = 1, Threshold = 0.01, Cooldown = 1, LeastRate = 0.3 },
    ];

    public static TheoryData<int> Numbered => [.. Enumerable.Range(0, All.Length)];

    private static readonly EpochResult[] s_none = [];

    /// <summary>The rates of a training of so many epochs, for the optimizer's rate 1.</summary>
    private static double[] Rates(Schedule schedule, int epochs, int updatesPerEpoch, params double[] losses) =>
    [
        .. Enumerable.Range(0, epochs * updatesPerEpoch).Select(update => (double)schedule.LearningRate(1,
            new ScheduleContext(update, epochs * updatesPerEpoch, updatesPerEpoch, [.. losses.Take(update / updatesPerEpoch).Select(Epoch)]))),
    ];

    private static EpochResult Epoch(double loss) => new(1, 99, 0, loss, 0, 1);

    private static void AssertRates(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-6);
    }

    [Fact]
    public void A_constant_rate_is_the_optimizers_own()
    {
        Assert.Equal(0.1f, new ConstantSchedule().LearningRate(0.1f, new ScheduleContext(7, 10, 5, s_none)));
        Assert.Null(new ConstantSchedule().Momentum(new ScheduleContext(7, 10, 5, s_none)));
    }

    [Fact]
    public void A_warm_up_rises_linearly_to_what_the_schedule_says()
    {
        AssertRates([0.25, 0.5, 0.75, 1, 1, 1, 1, 1], Rates(new ConstantSchedule { WarmUp = 1 }, epochs: 2, updatesPerEpoch: 4));
        // Two updates, in which the schedule says 1 and 0.8535534.
        AssertRates([0.5, (1 + Math.Sqrt(0.5)) / 2, 0.5, (1 - Math.Sqrt(0.5)) / 2], Rates(new CosineSchedule { WarmUp = 0.5 }, epochs: 1, updatesPerEpoch: 4));
    }

    [Fact]
    public void Steps_come_with_epochs() =>
        AssertRates([1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25], Rates(new StepSchedule(2) { Factor = 0.5 }, epochs: 5, updatesPerEpoch: 2));

    [Fact]
    public void A_cosine_falls_from_the_first_update_on()
    {
        // cos 0, 45, 90 and 135 degrees.
        AssertRates([1, (1 + Math.Sqrt(0.5)) / 2, 0.5, (1 - Math.Sqrt(0.5)) / 2], Rates(new CosineSchedule(), epochs: 2, updatesPerEpoch: 2));
        AssertRates([1, 0.2 + 0.8 / 2], Rates(new CosineSchedule(0.2), epochs: 2, updatesPerEpoch: 1));
    }

    [Fact]
    public void An_exponential_takes_the_same_factor_from_update_to_update()
    {
        // A hundredth in four steps: a factor of 10^-0.5 each.
        AssertRates([1, 0.3162278, 0.1, 0.0316228, 0.01], Rates(new ExponentialSchedule(0.01), epochs: 1, updatesPerEpoch: 5));
        AssertRates([1, 10, 100], Rates(new ExponentialSchedule(100), epochs: 3, updatesPerEpoch: 1));
        AssertRates([1], Rates(new ExponentialSchedule(), epochs: 1, updatesPerEpoch: 1));
    }

    [Fact]
    public void One_cycle_rises_and_falls_while_the_momentum_falls_and_rises()
    {
        // Ten updates: the rise ends with update 0.3 x 10 - 1 = 2, the fall with update 9, at 1 / 25 / 10,000.
        double[] rates = Rates(new OneCycleSchedule(), epochs: 2, updatesPerEpoch: 5);
        AssertRates([0.04, (1 + 0.04) / 2, 1], rates[..3]);
        // A seventh of the fall: (1 + cos(180 / 7 degrees)) / 2 = 0.9504844.
        Assert.Equal(0.9504844, rates[3], 1e-6);
        Assert.Equal(4e-6, rates[9], 1e-9);
        float?[] momenta = [.. Enumerable.Range(0, 10).Select(update => new OneCycleSchedule().Momentum(new ScheduleContext(update, 10, 5, s_none)))];
        Assert.Equal([0.95f, 0.9f, 0.85f], momenta[..3]);
        Assert.Equal(0.95f, momenta[9]);
        Assert.Null(new OneCycleSchedule { CycleMomentum = false }.Momentum(new ScheduleContext(0, 10, 5, s_none)));
    }

    [Fact]
    public void One_cycle_in_straight_lines_and_three_phases()
    {
        AssertRates([0.04, 0.52, 1, 1 + (4e-6 - 1) / 7], Rates(new OneCycleSchedule { Linear = true }, epochs: 1, updatesPerEpoch: 10)[..4]);
        // Ends with the updates 2, 4 and 9: up, down, and from 0.04 to 4e-6.
        double[] rates = Rates(new OneCycleSchedule { Linear = true, ThreePhases = true }, epochs: 1, updatesPerEpoch: 10);
        AssertRates([0.04, 0.52, 1, 0.52, 0.04, 0.04 + (4e-6 - 0.04) / 5], rates[..6]);
        Assert.Equal(4e-6, rates[9], 1e-9);
    }

    [Fact]
    public void One_cycle_of_a_single_update_has_no_division_by_zero()
    {
        foreach (bool three in (bool[])[false, true])
            Assert.All(Rates(new OneCycleSchedule { ThreePhases = three }, epochs: 1, updatesPerEpoch: 1), rate => Assert.InRange(rate, 0, 1));
        Assert.All(Rates(new OneCycleSchedule { RiseShare = 0.25 }, epochs: 1, updatesPerEpoch: 4), rate => Assert.InRange(rate, 0, 1));
    }

    [Fact]
    public void A_plateau_of_the_validation_loss_reduces_the_rate()
    {
        // Epochs 3 and 4 do not improve on 0.5: one is let pass, the second is one too many.
        AssertRates([1, 1, 1, 1, 0.5, 0.5], Rates(new PlateauSchedule { Factor = 0.5, Patience = 1 }, epochs: 6, updatesPerEpoch: 1, 0.9, 0.5, 0.6, 0.55, 0.4));
        // 0.4996 is an improvement by less than a hundredth.
        AssertRates([1, 1, 0.1, 0.1], Rates(new PlateauSchedule { Patience = 0, Threshold = 0.01 }, epochs: 4, updatesPerEpoch: 1, 0.5, 0.4996, 0.2));
        // Without patience every bad epoch reduces; the cooldown lets one pass, and 0.3 is the least.
        AssertRates([1, 1, 0.5, 0.5, 0.3], Rates(new PlateauSchedule { Factor = 0.5, Patience = 0, Cooldown = 1, LeastRate = 0.3 }, epochs: 5, updatesPerEpoch: 1, 0.5, 0.6, 0.6, 0.6));
    }

    [Fact]
    public void Without_validation_a_plateau_is_the_training_losss()
    {
        EpochResult[] history = [.. ((double[])[0.5, 0.6]).Select(loss => new EpochResult(1, loss, 0, null, null, 1))];
        Assert.Equal(0.1f, new PlateauSchedule { Patience = 0 }.LearningRate(1, new ScheduleContext(2, 3, 1, history)), 1e-7);
    }

    [Fact]
    public void A_training_takes_rate_and_momentum_of_each_update_from_its_schedule()
    {
        // With the mean absolute error and a target far above, the gradient of the bias is -1 in every update, and 0 for the weight of an input 0.
        Dataset data = Dataset.FromTensor(new Tensor(6, Shape.Flat(1)), new Tensor(6, Shape.Flat(1), [.. Enumerable.Repeat(1000f, 6)]));
        var settings = new TrainingSettings
        {
            Epochs = 2,
            BatchSize = 2,
            ValidationFraction = 0,
            Loss = new MaeLoss(),
            Optimizer = new Sgd(0.5f) { Momentum = 0.5f },
            Schedule = new OneCycleSchedule { RiseShare = 0.5, Linear = true, InitialDivisor = 5, FinalDivisor = 1, LowMomentum = 0.4, HighMomentum = 0.8 },
        };
        var trainer = new Trainer(ModelSpec.Parse("linear 1", Shape.Flat(1)), data, settings);
        double bias = trainer.Network.GetParameter("0.bias")[0], velocity = 0;
        trainer.Run();
        // Six updates: the rise ends with update 0.5 x 6 - 1 = 2, the fall with update 5.
        foreach (var (rate, momentum) in ((double, double)[])[(0.1, 0.8), (0.3, 0.6), (0.5, 0.4), (0.5 - 0.4 / 3, 0.4 + 0.4 / 3), (0.5 - 0.8 / 3, 0.4 + 0.8 / 3), (0.1, 0.8)])
        {
            velocity = momentum * velocity + 1;
            bias += rate * velocity;
        }
        Assert.Equal(bias, trainer.Network.GetParameter("0.bias")[0], 1e-5);
    }

    [Theory, MemberData(nameof(Numbered))]
    public void A_resumed_training_goes_on_with_the_same_rates(int number)
    {
        TrainingSettings settings = new() { Epochs = 3, BatchSize = 8, ValidationFraction = 0.2, Schedule = All[number], Optimizer = new Adam(0.01f) };
        var whole = new Trainer(Problems.Model, Problems.Bars(50), settings);
        whole.Run();
        using var folder = new TemporaryFolder();
        using var cancellation = new CancellationTokenSource();
        var trainer = new Trainer(Problems.Model, Problems.Bars(50), settings);
        trainer.Run(progress => { if (progress.SamplesDone == 56) cancellation.Cancel(); }, cancellation: cancellation.Token);
        trainer.Save(folder.Path);
        trainer = Trainer.Resume(folder.Path, Problems.Bars(50));
        Assert.Equal(All[number], trainer.Settings.Schedule);
        trainer.Run();
        foreach (NetworkParameter parameter in whole.Network.Parameters)
            Laws.Numbers.AssertSameBits(whole.Network.GetParameter(parameter.Name), trainer.Network.GetParameter(parameter.Name), parameter.Name);
    }

    [Fact]
    public void Every_schedule_is_tried()
    {
        Assert.Equal(Schedule.Names.Order(), All.Select(schedule => schedule.Name).Distinct().Order());
        Assert.Equal(typeof(Schedule).Assembly.GetTypes().Count(type => type.IsSubclassOf(typeof(Schedule))), Schedule.Names.Count);
    }

    [Theory]
    [InlineData("cosine")]
    [InlineData("step every=2 factor=0.5 warmup=1")]
    [InlineData("one-cycle riseShare=0.21 linear initialDivisor=10 finalDivisor=100 lowMomentum=0.7 highMomentum=0.9")]
    [InlineData("one-cycle threePhases=true cycleMomentum=false")]
    public void Text_is_read(string text) => Assert.Contains(Schedule.Parse(text), All.Append(new CosineSchedule()).Append(new StepSchedule(2) { Factor = 0.5, WarmUp = 1 }));

    [Theory]
    [InlineData("", "there is no schedule \"\". There are: constant, step, cosine, exponential, one-cycle, plateau.")]
    [InlineData("cosin", "there is no schedule \"cosin\". Did you mean cosine? There are: constant, step, cosine, exponential, one-cycle, plateau.")]
    [InlineData("cosine gamma=2", "schedule cosine: \"gamma\" is none of its properties. It has finalShare, warmUp.")]
    [InlineData("step every=x", "schedule step: every must be a whole number, got \"x\".")]
    [InlineData("step every=1.5", "schedule step: every must be a whole number, got \"1.5\".")]
    [InlineData("step factor", "schedule step: factor must be a number, got \"\".")]
    [InlineData("step factor=null", "schedule step: factor must be a number, got \"null\".")]
    [InlineData("one-cycle linear=3", "schedule one-cycle: linear must be true or false, got \"3\".")]
    [InlineData("step every=1 Every=2", "schedule step: every is given twice.")]
    public void Text_that_is_no_schedule_is_refused(string text, string message) =>
        Assert.Equal(message, Assert.Throws<FoveaException>(() => Schedule.Parse(text)).Message);

    public static TheoryData<string> Wrong => [.. s_wrong.Keys];

    private static readonly Dictionary<string, Schedule> s_wrong = new()
    {
        ["the warm-up must be a number of epochs that is not negative, got -1"] = new CosineSchedule { WarmUp = -1 },
        ["the schedule step needs at least 1 epoch from step to step, got 0"] = new StepSchedule(0),
        ["the schedule step needs a factor above 0 and at most 1, got 0"] = new StepSchedule { Factor = 0 },
        ["the schedule cosine needs a final share from 0 to 1, got 2"] = new CosineSchedule(2),
        ["the schedule one-cycle has a rise of its own and takes no warm-up, got 1"] = new OneCycleSchedule { WarmUp = 1 },
        ["the schedule one-cycle needs a rise share above 0 and below 1, got 1"] = new OneCycleSchedule { RiseShare = 1 },
        ["the schedule one-cycle needs a rise share of at most 0.5 where it has three phases, got 0.6"] = new OneCycleSchedule { RiseShare = 0.6, ThreePhases = true },
        ["the schedule one-cycle needs an initial divisor of at least 1, got 0.5"] = new OneCycleSchedule { InitialDivisor = 0.5 },
        ["the schedule one-cycle needs a final divisor of at least 1, got NaN"] = new OneCycleSchedule { FinalDivisor = double.NaN },
        ["the schedule one-cycle needs a low momentum above 0 and below 1, got 0"] = new OneCycleSchedule { LowMomentum = 0 },
        ["the schedule one-cycle needs a high momentum above 0 and below 1, got 1"] = new OneCycleSchedule { HighMomentum = 1 },
        ["the schedule plateau needs a factor above 0 and below 1, got 1"] = new PlateauSchedule { Factor = 1 },
        ["the schedule plateau needs a patience that is not negative, got -1"] = new PlateauSchedule { Patience = -1 },
        ["the schedule plateau needs a threshold of at least 0 and below 1, got 1"] = new PlateauSchedule { Threshold = 1 },
        ["the schedule plateau needs a cooldown that is not negative, got -2"] = new PlateauSchedule { Cooldown = -2 },
        ["the schedule plateau needs a least rate that is not negative, got -1"] = new PlateauSchedule { LeastRate = -1 },
    };

    [Theory, MemberData(nameof(Wrong))]
    public void Settings_out_of_range_are_refused(string problem) => Assert.Equal($"settings: {problem}.",
        Assert.Throws<FoveaException>(() => new TrainingSettings { Schedule = s_wrong[problem] }.Check()).Message);
}
