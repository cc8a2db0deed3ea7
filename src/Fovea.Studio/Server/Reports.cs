using Fovea.Lab;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Fovea.Studio.Server;

/// <summary>The reports of studies, to be kept. A request names a run by its number; where that lies, the store says.</summary>
internal static class Reports
{
    /// <summary>The address of the report on a run's study.</summary>
    public static string Path(RunRecord run) => $"/reports/{run.Id}";

    /// <summary>Where the report lies; null where there is none.</summary>
    public static string? File(RunRecord run)
    {
        if (StudyOf(run) is not { } study) return null;
        string report = System.IO.Path.Combine(study, StudyFolder.ReportFile);
        return System.IO.File.Exists(report) ? report : null;
    }

    /// <summary>The folder of the study that a run belongs to; null where it belongs to none.</summary>
    public static string? StudyOf(RunRecord run) =>
        run.Study is not null && Directory.GetParent(run.Folder) is { Name: StudyFolder.RunsFolder, Parent: { } study } ? study.FullName : null;

    /// <summary>Serves them as files to be saved, never as pages.</summary>
    public static void Map(IEndpointRouteBuilder routes, StudioOptions options) => routes.MapGet("/reports/{id:long}", (long id) =>
    {
        if (!System.IO.File.Exists(options.Store)) return Results.NotFound();
        using RunStore store = RunStore.Open(options.Store);
        RunRecord? run = store.Runs().FirstOrDefault(run => run.Id == id);
        return run is not null && File(run) is { } file ? Results.File(file, "text/html; charset=utf-8", $"{run.Study}-report.html") : Results.NotFound();
    });
}
