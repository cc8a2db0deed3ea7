using System.CommandLine;
using Fovea.Lab;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea compare</c>: some runs side by side.</summary>
internal static class CompareCommand
{
    public static Verb Create(Terminal terminal)
    {
        var ids = new Argument<long[]>("RUN") { Description = "Numbers of runs, as fovea runs lists them.", Arity = ArgumentArity.ZeroOrMore };
        Option<string> store = Options.Store();
        Option<bool> json = Options.Json();
        var verb = new Verb("compare", "Show runs side by side: the settings that differ, and the results.") { ids, store, json };
        verb.Examples = ["fovea compare 1 4"];
        verb.SetAction(result =>
        {
            if (result.GetValue(ids) is not { Length: > 1 } numbers)
                throw new UsageException("compare: expected the numbers of at least two runs, as fovea runs lists them: compare 1 4.", verb);
            using RunStore runs = RunStore.OpenExisting(result.GetRequiredValue(store));
            IReadOnlyList<RunRecord> chosen = runs.Runs(numbers);
            if (chosen.FirstOrDefault(run => run is { IsFinished: false, Divergence: null }) is { } unfinished)
                throw new FoveaException($"run {unfinished.Id} is not finished: there is nothing to compare yet. Go on with {OutputFolder.ResumeCommand(unfinished.Folder)}.");
            if (result.GetValue(json))
            {
                terminal.Out.WriteLine(CliJson.Write(new RunsReport(chosen)));
                return;
            }
            RunsCommand.Write(terminal, chosen);
            foreach (RunRecord run in chosen.Skip(1).Where(run => run.IsFinished && chosen[0].IsFinished))
            {
                terminal.WriteLine($"{run.Id} against {chosen[0].Id}: test accuracy {Signed(100 * (run.TestAccuracy!.Value - chosen[0].TestAccuracy!.Value))} points, "
                    + (TrainingPlace.Difference([run.Places, chosen[0].Places]) is { } unlike ? $"times not compared, as {unlike}" : $"{Speed(run, chosen[0])}{Seconds(run)} of training instead of {Seconds(chosen[0])}"));
            }
            if (chosen.FirstOrDefault(run => !run.IsFinished) is { } diverged) terminal.WriteLine($"Run {diverged.Id} diverged: there are no figures to compare it by.");
            terminal.WriteLine("One run against one says nothing on noise: a study compares over seeds.");
        });
        return verb;

        // Who trains for more epochs takes longer, and need not be slower.
        static string Speed(RunRecord run, RunRecord other) => run.SamplesSeen / run.Seconds is { } mine && other.SamplesSeen / other.Seconds is { } others
            ? $"{Format.Number((long)mine)} samples per second instead of {Format.Number((long)others)} ({Format.Decimal(mine / others, 2)} times the speed), " : "";

        static string Seconds(RunRecord run) => $"{Format.Decimal(run.Seconds, run.Seconds < 1 ? 4 : 2)} s";

        static string Signed(double value) => (value > 0 ? "+" : "") + Format.Decimal(value, 2);
    }
}
