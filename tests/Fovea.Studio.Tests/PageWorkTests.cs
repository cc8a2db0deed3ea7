using Fovea.Studio.Training;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fovea.Studio.Tests;

/// <summary>What pages have computed, and what does not go together on one machine.</summary>
public sealed class PageWorkTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-studio-").FullName;
    private readonly PageWork _work = new(NullLogger<PageWork>.Instance);

    private StudioOptions Options => new() { Store = Path.Combine(_folder, "fovea.db") };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Whatever_goes_wrong_is_said_and_ends_nothing()
    {
        var known = new FoveaException("the data are not here.");
        Assert.Same(known, await _work.RunAsync(() => throw known));
        Assert.Equal("this cannot be shown: the index is wrong", (await _work.RunAsync(() => throw new InvalidOperationException("the index is wrong")))!.Message);
        Assert.Null(await _work.RunAsync(() => throw new OperationCanceledException()));
        Assert.Null(await _work.RunAsync(() => { }));
        Assert.False(_work.IsBusy);
    }

    [Fact]
    public async Task Nothing_is_measured_while_a_page_has_something_computed()
    {
        using var trainings = new Trainings(Options);
        using var studies = new StudySessions(Options, trainings);
        var costs = new TrainingCosts(trainings, studies, _work);
        using var goOn = new ManualResetEventSlim();
        Assert.False(costs.IsBusy);
        Task<FoveaException?> work = _work.RunAsync(goOn.Wait);
        Assert.True(costs.IsBusy);
        ModelSpec model = Zoo.Get("stride2");
        Assert.Null(await costs.MeasureAsync(model, new TrainingSettings(), 1000, TestContext.Current.CancellationToken));
        goOn.Set();
        Assert.Null(await work);
        Assert.False(costs.IsBusy);
    }

    [Fact]
    public async Task No_study_is_begun_beside_a_training()
    {
        using var trainings = new Trainings(Options);
        using var studies = new StudySessions(Options, trainings);
        var request = new TrainingRequest("flatten | linear 10 | logsoftmax", "mnist", 64, new TrainingSettings { Epochs = 1000, Loss = new NllLoss() });
        TrainingSession session = await trainings.Find(trainings.Begin(request))!;
        Assert.StartsWith("a training goes on, and would lengthen the times that a study measures.", Assert.Throws<FoveaException>(() => studies.Begin("loss", [1], 1, 200)).Message);
        Assert.Null(studies.Current);
        session.Pause();
        Assert.NotNull(studies.Begin("loss", [1], 1, 200));
    }
}
