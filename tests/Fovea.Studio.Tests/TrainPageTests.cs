using Fovea.Lab;
using Fovea.Studio.Training;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Fovea.Studio.Tests;

public class TrainPageTests(StudioHost studio)
{
    private const string Small = "/train?model=conv+4+k5+s2+%7C+relu+%7C+flatten+%7C+linear+10+%7C+logsoftmax&samples=3000&epochs=2";

    [Fact]
    public async Task A_small_network_is_trained_to_the_end()
    {
        await using StudioSession session = await studio.OpenAsync(Small);
        await session.Page.Locator("#train").ClickAsync();
        await Expect(session.Page.Locator("#test-accuracy")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Expect(session.Page.Locator("#epochs-table tbody tr")).ToHaveCountAsync(2);
        await Expect(session.Page.Locator("#loss-curve .curve").First).ToHaveAttributeAsync("d", new System.Text.RegularExpressions.Regex("^M.*L"));
        await Expect(session.Page.Locator("#filters img")).ToHaveCountAsync(4);
        await Expect(session.Page.Locator("#maps img")).ToHaveCountAsync(4);
        // Better than one digit in ten by far.
        string accuracy = await session.Page.Locator("#test-accuracy").InnerTextAsync();
        Assert.InRange(double.Parse(accuracy.TrimEnd('%'), System.Globalization.CultureInfo.InvariantCulture), 50, 100);
    }

    [Fact]
    public async Task It_is_paused_goes_on_by_single_updates_and_to_the_end_on_a_page_opened_anew()
    {
        await using StudioSession session = await studio.OpenAsync(Small.Replace("epochs=2", "epochs=1000"));
        await session.Page.Locator("#train").ClickAsync();
        await session.Page.Locator("#pause").ClickAsync();
        await Expect(session.Page.Locator("#phase")).ToContainTextAsync("paused");
        ILocator updates = session.Page.Locator("#updates");
        int before = await NumberAsync(updates);
        await session.Page.Locator("#single").ClickAsync();
        await Expect(updates).ToHaveTextAsync((before + 1).ToString("N0", System.Globalization.CultureInfo.InvariantCulture));
        // The address follows the page a moment later, and names the training then.
        await session.Page.WaitForURLAsync("**run=**");
        await session.Page.ReloadAsync();
        await session.ReadyAsync();
        await Expect(updates).ToHaveTextAsync((before + 1).ToString("N0", System.Globalization.CultureInfo.InvariantCulture));
        await session.Page.Locator("#resume").ClickAsync();
        // A pause that comes at once may come before the first update.
        await Expect(updates).Not.ToHaveTextAsync((before + 1).ToString("N0", System.Globalization.CultureInfo.InvariantCulture));
        await session.Page.Locator("#pause").ClickAsync();
        await Expect(session.Page.Locator("#phase")).ToContainTextAsync("paused");
        Assert.True(await NumberAsync(updates) > before + 1);
    }

    [Fact]
    public async Task Two_sessions_train_and_look_at_other_pages_without_disturbing_each_other()
    {
        await using StudioSession first = await studio.OpenAsync(Small.Replace("epochs=2", "epochs=1000")), second = await studio.OpenAsync(Small.Replace("epochs=2", "epochs=1000") + "&seed=2");
        await first.Page.Locator("#train").ClickAsync();
        await Expect(first.Page.Locator("#pause")).ToBeVisibleAsync();
        await second.Page.Locator("#train").ClickAsync();
        await Expect(second.Page.Locator("#pause")).ToBeVisibleAsync();
        Assert.NotEqual(await NameAsync(first), await NameAsync(second));
        // One is paused, and the other goes on.
        await first.Page.Locator("#pause").ClickAsync();
        await Expect(first.Page.Locator("#phase")).ToContainTextAsync("paused");
        int before = await NumberAsync(second.Page.Locator("#updates"));
        await Expect(second.Page.Locator("#updates")).Not.ToHaveTextAsync(before.ToString("N0", System.Globalization.CultureInfo.InvariantCulture));
        await Expect(second.Page.Locator("#pause")).ToBeVisibleAsync();
        // The first leaves for another page, which answers while the second trains.
        await first.Page.GetByRole(AriaRole.Link, new() { Name = "Losses" }).ClickAsync();
        await first.Page.Locator("#base").SelectOptionAsync("2");
        await Expect(first.Page.Locator("#loss-working")).ToContainTextAsync("1.15797");
        // And a third sees the training of the second, and stops it for both.
        await using StudioSession third = await studio.OpenAsync(new Uri(second.Page.Url).PathAndQuery);
        await third.Page.Locator("#pause").ClickAsync();
        await Expect(second.Page.Locator("#phase")).ToContainTextAsync("paused");
        await Expect(third.Page.Locator("#updates")).ToHaveTextAsync(await second.Page.Locator("#updates").InnerTextAsync());

        static async Task<string> NameAsync(StudioSession session)
        {
            await session.Page.WaitForURLAsync("**run=**");
            return System.Text.RegularExpressions.Regex.Match(session.Page.Url, "run=([^&]+)").Value;
        }
    }

    [Fact]
    public async Task The_sample_whose_maps_are_shown_is_in_the_address()
    {
        await using StudioSession session = await studio.OpenAsync(Small);
        await session.Page.Locator("#train").ClickAsync();
        await Expect(session.Page.Locator("#test-accuracy")).ToBeVisibleAsync();
        await session.Page.Locator("#shown-sample").FillAsync("4");
        await session.Page.WaitForURLAsync("**sample=4**");
        await session.Page.ReloadAsync();
        await session.ReadyAsync();
        await Expect(session.Page.Locator("#shown-sample")).ToHaveValueAsync("4");
        // The labels of the first five test images, as published, are 7, 2, 1, 0 and 4.
        await Expect(session.Page.GetByAltText("Test sample 4, a 4")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_killed_studio_leaves_a_training_that_another_goes_on_with()
    {
        string folder = Directory.CreateTempSubdirectory("fovea-studio-").FullName;
        try
        {
            using (StudioProgram first = await StudioProgram.StartAsync(Path.Combine(folder, "fovea.db")))
            {
                await using StudioSession session = await studio.OpenAsync(Small.Replace("epochs=2", "epochs=1000"), at: first.Address);
                await session.Page.Locator("#train").ClickAsync();
                await Expect(session.Page.Locator("#epochs-table tbody tr").First).ToBeVisibleAsync();
                // An epoch is seen before its checkpoint is written.
                using (RunStore store = RunStore.Open(Path.Combine(folder, "fovea.db")))
                {
                    while (!TrainedNetwork.Exists(store.Runs()[0].Folder)) await Task.Delay(10, TestContext.Current.CancellationToken);
                }
                // In the midst of it. The page is left before, as it would find that nobody answers any more.
                await session.Page.GotoAsync("about:blank");
                first.Kill();
            }
            await using StudioServer second = await StudioServer.StartAsync(new StudioOptions { Store = Path.Combine(folder, "fovea.db") });
            await using StudioSession later = await studio.OpenAsync("/train", at: second.Address);
            await later.Page.GetByRole(AriaRole.Button, new() { Name = "Go on with model-1" }).ClickAsync();
            await Expect(later.Page.Locator("#phase")).ToContainTextAsync("samples/s");
            // What is seen is this training, not what the page offers else.
            await Expect(later.Page.Locator("#model")).ToHaveValueAsync("conv 4 k5 s2 | relu | flatten | linear 10 | logsoftmax");
            Assert.Equal("fovea train \"conv 4 k5 s2 | relu | flatten | linear 10 | logsoftmax\" --data mnist --limit 3000 --epochs 1000 --batch-size 64 --optimizer adam --lr 0.001 --seed 1", await Snippets.CommandOf(later));
            await later.Page.Locator("#pause").ClickAsync();
            await Expect(later.Page.Locator("#phase")).ToContainTextAsync("paused");
            Assert.True(await later.Page.Locator("#epochs-table tbody tr").CountAsync() >= 1);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task One_is_stopped_before_its_end_and_others_are_left_found_again_and_discarded()
    {
        string folder = Directory.CreateTempSubdirectory("fovea-studio-").FullName;
        try
        {
            await using StudioServer server = await StudioServer.StartAsync(new StudioOptions { Store = Path.Combine(folder, "fovea.db") });
            string many = Small.Replace("epochs=2", "epochs=1000");
            await using (StudioSession session = await studio.OpenAsync(many, at: server.Address))
            {
                await session.Page.Locator("#train").ClickAsync();
                await Expect(session.Page.Locator("#epochs-table tbody tr").First).ToBeVisibleAsync();
                await session.Page.Locator("#stop").ClickAsync();
                await Expect(session.Page.Locator("#phase")).ToContainTextAsync(new System.Text.RegularExpressions.Regex("^Stopped after [0-9,]+ updates: [0-9.]+% of the test samples right$"));
                await Expect(session.Page.Locator("#test-accuracy")).ToBeVisibleAsync();
                // Another, whose page is left while it goes on.
                await session.Page.Locator("#train").ClickAsync();
                await Expect(session.Page.Locator("#epochs-table tbody tr").First).ToBeVisibleAsync();
                await Expect(session.Page.Locator("#pause")).ToBeVisibleAsync();
            }
            await using StudioSession later = await studio.OpenAsync(many, at: server.Address), other = await studio.OpenAsync(many, at: server.Address);
            await later.Page.GetByRole(AriaRole.Button, new() { Name = "Look at model-2" }).ClickAsync();
            await other.Page.GetByRole(AriaRole.Button, new() { Name = "Look at model-2" }).ClickAsync();
            await later.Page.Locator("#pause").ClickAsync();
            await later.Page.Locator("#leave").ClickAsync();
            // The one that was stopped is not among them.
            ILocator unfinished = later.Page.GetByLabel("Trainings that can go on");
            await Expect(unfinished.GetByRole(AriaRole.Button)).ToHaveTextAsync(["Go on with model-2", "Discard model-2"]);
            await Expect(other.Page.Locator("#phase")).ToContainTextAsync("It was left");
            await other.Page.GetByRole(AriaRole.Button, new() { Name = "Back" }).ClickAsync();
            await Expect(other.Page.GetByRole(AriaRole.Button, new() { Name = "Go on with model-2" })).ToBeVisibleAsync();
            await later.Page.GetByRole(AriaRole.Button, new() { Name = "Discard model-2" }).ClickAsync();
            await Expect(later.Page.GetByRole(AriaRole.Status).First).ToContainTextAsync("model-2 is no longer among the runs. Its files stay");
            await Expect(unfinished).ToHaveCountAsync(0);
            await Expect(other.Page.GetByLabel("Trainings that can go on")).ToHaveCountAsync(0);
            Assert.True(TrainedNetwork.Exists(Path.Combine(folder, "runs", "model-2")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_studio_that_ends_stops_its_trainings_at_a_checkpoint()
    {
        string folder = Directory.CreateTempSubdirectory("fovea-studio-").FullName;
        try
        {
            var options = new StudioOptions { Store = Path.Combine(folder, "fovea.db") };
            using (var trainings = new Trainings(options))
            {
                var settings = new TrainingSettings { Epochs = 1000, Loss = new NllLoss() };
                string name = trainings.Begin(new TrainingRequest("conv 4 k5 s2 | relu | flatten | linear 10 | logsoftmax", "mnist", 3000, settings));
                TrainingSession session = await trainings.Find(name)!;
                while (session.Updates < 3) await Task.Delay(10, TestContext.Current.CancellationToken);
            }
            using RunStore store = RunStore.Open(options.Store);
            RunRecord run = Assert.Single(store.Runs());
            Assert.True(run.Updates >= 3);
            Assert.Equal(run.Updates, Trainer.Resume(run.Folder, Datasets.Load("mnist", DatasetPart.Training).Take(3000)).Updates);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_training_is_found_again_by_who_loads_the_page_anew_as_soon_as_it_is_begun()
    {
        await using StudioSession session = await studio.OpenAsync(Small.Replace("epochs=2", "epochs=1000"));
        await session.Page.Locator("#train").ClickAsync();
        // Whatever the page shows that the click was heard, its address names the training by then.
        await Expect(session.Page.GetByText("Loading the data").Or(session.Page.Locator("#pause"))).ToBeVisibleAsync();
        Assert.Contains("run=", session.Page.Url);
        await session.Page.ReloadAsync();
        await session.ReadyAsync();
        await session.Page.Locator("#pause").ClickAsync();
        await Expect(session.Page.Locator("#phase")).ToContainTextAsync("paused");
    }

    [Fact]
    public async Task Time_and_memory_are_predicted_and_compared_with_what_the_training_takes()
    {
        await using StudioSession session = await studio.OpenAsync(Small);
        await Expect(session.Page.Locator("#per-update")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("^[0-9.]+ (µs|ms|s)$"));
        string predicted = await session.Page.Locator("#engine-predicted").InnerTextAsync();
        Assert.Matches("^[0-9.]+ (KiB|MiB)$", predicted);
        await session.Page.Locator("#train").ClickAsync();
        await Expect(session.Page.Locator("#test-accuracy")).ToBeVisibleAsync();
        // As torchsummary counts a batch of 64 with input 1x28x28: values forward and backward of conv and ReLU 4x12x12, flatten 576, linear and
        // log-softmax 10; 5,874 parameters (4 x 26 + 5,770); 4 bytes each, in MB of 2^20 bytes.
        double megabytes = (64 * (784 + 2 * (576 + 576 + 576 + 10 + 10)) + 5874) * 4 / 1048576.0;
        await Expect(session.Page.Locator("#memory-predicted")).ToHaveTextAsync($"{megabytes.ToString("F1", System.Globalization.CultureInfo.InvariantCulture)} MB");
        await Expect(session.Page.Locator("#memory-used")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("^[0-9.]+ MB$"));
    }

    [Fact]
    public async Task What_a_training_suffers_from_is_said_as_soon_as_it_is_found()
    {
        // A rate of 10: the units die or the loss explodes in the first epoch.
        await using StudioSession session = await studio.OpenAsync(Small + "&lr=10");
        await session.Page.Locator("#train").ClickAsync();
        await Expect(session.Page.Locator("#findings .finding").First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_model_that_does_not_fit_the_data_cannot_be_started()
    {
        await using StudioSession session = await studio.OpenAsync("/train?model=conv+4+k99");
        await Expect(session.Page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("kernel 99x99 does not fit");
        await Expect(session.Page.Locator("#train")).ToBeDisabledAsync();
    }

    [Fact]
    public async Task Data_are_chosen_by_name_and_never_by_path()
    {
        await using StudioSession session = await studio.OpenAsync("/train?data=%2Fetc&model=lenet5");
        await Expect(session.Page.Locator("#train")).ToBeEnabledAsync();
        await session.Page.Locator("#train").ClickAsync();
        await Expect(session.Page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("there are no data \"/etc\" here. Choose one of mnist");
    }

    private static async Task<int> NumberAsync(ILocator locator) =>
        int.Parse(await locator.InnerTextAsync(), System.Globalization.NumberStyles.AllowThousands, System.Globalization.CultureInfo.InvariantCulture);
}
