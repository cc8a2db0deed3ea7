using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Fovea.Oracle.Tests;

/// <summary>Learning rates and momenta over whole trainings, beside those of TorchSharp's schedulers, which follow PyTorch's.</summary>
public class ScheduleOracleTests : OracleTests
{
    private const int Epochs = 12, UpdatesPerEpoch = 5, Updates = Epochs * UpdatesPerEpoch;
    private const float Rate = 0.4f;

    private static readonly Dictionary<string, (Schedule Ours, Func<optim.Optimizer, optim.lr_scheduler.LRScheduler> Theirs, bool EachEpoch)> s_cases = new()
    {
        ["step"] = (new StepSchedule(3) { Factor = 0.3 }, optimizer => optim.lr_scheduler.StepLR(optimizer, 3, 0.3), true),
        ["cosine"] = (new CosineSchedule(0.05), optimizer => optim.lr_scheduler.CosineAnnealingLR(optimizer, Updates, 0.05 * Rate), false),
        // Of W updates the t-th, from 0, has the share (t + 1) / W: from 1 / W to 1 in W - 1 steps.
        ["warm-up"] = (new ConstantSchedule { WarmUp = 2 }, optimizer => optim.lr_scheduler.LinearLR(optimizer, 0.1, 1, 9), false),
        ["one cycle"] = (new OneCycleSchedule(), optimizer => optim.lr_scheduler.OneCycleLR(optimizer, Rate, total_steps: Updates), false),
        ["one cycle, its properties"] = (
            new OneCycleSchedule { RiseShare = 0.22, LowMomentum = 0.7, HighMomentum = 0.9, InitialDivisor = 10, FinalDivisor = 50 },
            optimizer => optim.lr_scheduler.OneCycleLR(optimizer, Rate, total_steps: Updates, pct_start: 0.22, base_momentum: 0.7, max_momentum: 0.9,
                div_factor: 10, final_div_factor: 50), false),
        ["one cycle, straight"] = (new OneCycleSchedule { Linear = true },
            optimizer => optim.lr_scheduler.OneCycleLR(optimizer, Rate, total_steps: Updates, anneal_strategy: optim.lr_scheduler.impl.OneCycleLR.AnnealStrategy.Linear), false),
        ["one cycle, three phases"] = (new OneCycleSchedule { ThreePhases = true },
            optimizer => optim.lr_scheduler.OneCycleLR(optimizer, Rate, total_steps: Updates, three_phase: true), false),
    };

    public static TheoryData<string> Cases => [.. s_cases.Keys];

    [Theory, MemberData(nameof(Cases))]
    public void Rates_and_momenta_are_those_of_pytorch_in_every_update(string name)
    {
        using var scope = NewDisposeScope();
        var (ours, create, eachEpoch) = s_cases[name];
        TorchSharp.Modules.Adam adam = optim.Adam([new Parameter(zeros(1))], lr: Rate);
        SGD sgd = optim.SGD([new Parameter(zeros(1))], Rate, momentum: 0.9);
        optim.lr_scheduler.LRScheduler[] theirs = [create(adam), create(sgd)];
        for (int update = 0; update < Updates; update++)
        {
            var moment = new ScheduleContext(update, Updates, UpdatesPerEpoch, []);
            float rate = ours.LearningRate(Rate, moment);
            Assert.Equal(adam.ParamGroups.Single().LearningRate, rate, 1e-6);
            Assert.Equal(sgd.ParamGroups.Single().LearningRate, rate, 1e-6);
            if (ours.Momentum(moment) is { } momentum)
            {
                Assert.Equal(((TorchSharp.Modules.Adam.ParamGroup)adam.ParamGroups.Single()).Options.beta1!.Value, momentum, 1e-6);
                Assert.Equal(((SGD.ParamGroup)sgd.ParamGroups.Single()).Options.momentum!.Value, momentum, 1e-6);
            }
            if (update == Updates - 1 || (eachEpoch && (update + 1) % UpdatesPerEpoch != 0)) continue;
            foreach (optim.lr_scheduler.LRScheduler scheduler in theirs) scheduler.step();
        }
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 0, 0)]
    [InlineData(0, 2, 0)]
    [InlineData(1, 1, 0.05)]
    public void A_plateau_is_found_where_pytorch_finds_it(int patience, int cooldown, double leastRate)
    {
        using var scope = NewDisposeScope();
        var ours = new PlateauSchedule { Factor = 0.5, Patience = patience, Cooldown = cooldown, LeastRate = leastRate, Threshold = 0.01 };
        SGD sgd = optim.SGD([new Parameter(zeros(1))], Rate);
        optim.lr_scheduler.LRScheduler theirs = optim.lr_scheduler.ReduceLROnPlateau(sgd, factor: 0.5, patience: patience, threshold: 0.01, cooldown: cooldown, min_lr: [leastRate]);
        var history = new List<EpochResult>();
        foreach (double loss in (double[])[1, 0.9, 0.95, 0.899, 0.7, 0.8, 0.9, 0.699, 0.6, 0.65, 0.66, 0.67, 0.68, 0.5, 0.5, 0.5])
        {
            history.Add(new EpochResult(history.Count + 1, 0, 0, loss, 0, 0));
            theirs.step(loss);
            Assert.Equal(sgd.ParamGroups.Single().LearningRate, ours.LearningRate(Rate, new ScheduleContext(history.Count, 20, 1, history)), 1e-6);
        }
    }
}
