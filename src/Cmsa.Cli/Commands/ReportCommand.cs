using System.CommandLine;
using Cmsa.Experiments;
using LanguageExt;

namespace Cmsa.Cli.Commands;

/// <summary><c>cmsa report RUN</c>: all that is known of a run as one HTML file.</summary>
public static class ReportCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var run = Asked.Run();
        var output = new System.CommandLine.Option<string>("--output", "-o") { Description = "The HTML file to write.", HelpName = "FILE.html", DefaultValueFactory = _ => "report/index.html" };
        var split = new System.CommandLine.Option<string>("--split") { Description = "Which split it is about.", HelpName = "SPLIT", DefaultValueFactory = _ => "val" };
        var most = new System.CommandLine.Option<int>("--most") { Description = "How many samples, the first ones; 0: all.", HelpName = "N", DefaultValueFactory = _ => 0 };
        var (root, device, asWritten) = (Asked.Root(), Asked.Device(), Asked.AsWritten());
        var command = new Command("report", "Writes one HTML file about a run: metrics beside baselines, curves, a gallery. Example: cmsa report runs/1f0c4a2b9e-paper-small -o report/index.html")
        { run, output, split, most, root, device, asWritten };
        command.SetAction(line => Asked.Exit(
            from folder in Asked.Find(line.GetRequiredValue(run))
            from data in Asked.Data(folder, line.GetRequiredValue(root))
            from report in Watching.Share("evaluating", progress => Report.Of(folder, data, line.GetRequiredValue(split), line.GetValue(most), progress,
                new(Device: line.GetRequiredValue(device), Optimise: Asked.Effort(line, asWritten))))
            from path in Written(line.GetRequiredValue(output), report)
            select Told(path, report)));
        return command;
    }

    private static Either<Failure, string> Written(string path, Report report)
    {
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) Directory.CreateDirectory(folder);
            File.WriteAllText(path, report.ToHtml());
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Failure(e.Message, path);
        }
    }

    private static int Told(string path, Report report)
    {
        Terminal.Write([
            new($"overall IoU on {report.Model.Split}: {Asked.Percent(report.Model.Total.OverallIou)}"
                + report.Swapped.Map(s => $"; with another object's words {Asked.Percent(s.Total.OverallIou)}").IfNone("")
                + $"; mean mask of the words {Asked.Percent(report.Baseline.Total.OverallIou)}"),
            new($"report: {Path.GetFullPath(path)}")]);
        return Application.Done;
    }
}
