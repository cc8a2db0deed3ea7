using Fovea.Lab;

namespace Fovea.Tests;

public class RunCurveTests
{
    private static RunRecord Run(long id, ulong seed, double[] accuracies, double seconds = 1, string optimizer = "adam", string? study = null, string name = "run", string folder = "/runs") =>
        new(id, study, name, seed, "stride2", "mnist", $"{folder}/{id}", new Dictionary<string, string> { ["optimizer"] = optimizer }, null, null,
            [.. accuracies.Select((accuracy, i) => new EpochResult(i + 1, 0.5, 0.8, 0.4, accuracy, seconds) { Updates = 10 * (i + 1) })])
        {
            Places = [new TrainingPlace(new Machine("A processor", 2, "A system", ".NET", "0.1.0") { Host = "A host" }, 2)],
            Stored = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            Updates = 10 * accuracies.Length,
        };

    [Fact]
    public void Runs_that_differ_in_their_seed_alone_are_one_curve_with_a_band()
    {
        RunRecord[] runs = [Run(1, 1, [0.6, 0.8], seconds: 1), Run(2, 2, [0.7, 0.9, 0.95], seconds: 3), Run(3, 3, [0.5], optimizer: "sgd")];
        IReadOnlyList<RunCurve> curves = RunCurve.Of(runs, epoch => epoch.ValidationAccuracy, CurveAxis.Second);
        Assert.Equal([[1, 2], [3]], curves.Select(curve => curve.Runs.Select(run => run.Id).ToArray()));
        // As far as both have come; 1 and 3 seconds an epoch are 2 on average, and 4 after two.
        Assert.Equal([2, 4], curves[0].X);
        Assert.Equal([0.65, 0.85], curves[0].Figures.Select(figure => figure.Mean), Close);
        // Of 0.6 and 0.7: sqrt((0.05^2 + 0.05^2) / 1).
        Assert.Equal([0.65 - Math.Sqrt(0.005), 0.65 + Math.Sqrt(0.005)], [curves[0].Figures[0].Low, curves[0].Figures[0].High], Close);
        // One seed alone has no band.
        Assert.Equal((0.5, 0.5), (curves[1].Figures[0].Low, curves[1].Figures[0].High));
        Assert.Equal([10, 20], RunCurve.Of(runs, epoch => epoch.ValidationAccuracy, CurveAxis.Update)[0].X);
        Assert.Equal([1, 2], RunCurve.Of(runs, epoch => epoch.ValidationAccuracy, CurveAxis.Epoch)[0].X);
        Assert.Empty(RunCurve.Of(runs, _ => null, CurveAxis.Epoch));
        static bool Close(double a, double b) => Math.Abs(a - b) < 1e-12;
    }

    [Fact]
    public void A_seed_that_is_repeated_is_no_further_seed() =>
        Assert.Equal([[1, 3], [2]], RunRecord.Alike([Run(1, 1, [0.5]), Run(2, 1, [0.5]), Run(3, 2, [0.5])]).Select(alike => alike.Select(run => run.Id).ToArray()));

    [Fact]
    public void Runs_of_a_study_belong_together_by_their_variants_and_folders() =>
        Assert.Equal([[1, 2], [3], [4]], RunRecord.Alike(
        [
            Run(1, 1, [0.5], study: "mine", name: "a", folder: "/one/runs"), Run(2, 2, [0.5], study: "mine", name: "a", folder: "/one/runs"),
            Run(3, 3, [0.5], study: "mine", name: "b", folder: "/one/runs"), Run(4, 4, [0.5], study: "mine", name: "a", folder: "/two/runs"),
        ]).Select(alike => alike.Select(run => run.Id).ToArray()));
}
