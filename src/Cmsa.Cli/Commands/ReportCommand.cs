using System.CommandLine;
using Cmsa.Experiments.Reports;
using LanguageExt;

namespace Cmsa.Cli.Commands;

/// <summary><c>cmsa report RUN</c>: all that is known of a run as one HTML file.</summary>
public static class ReportCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var run = Asked.Run();
        var output = new System.CommandLine.Option<string>("--output", "-o")
        {
            Description = "The HTML file to write.",
            HelpName = "FILE.html",
            DefaultValueFactory = _ => "report/index.html",
        };
        var split = new System.CommandLine.Option<string>("--split")
        {
            Description = "Which split it is about.",
            HelpName = "SPLIT",
            DefaultValueFactory = _ => "val",
        };
        var most = new System.CommandLine.Option<int>("--most")
        {
            Description = "How many samples, the first ones; 0: all.",
            HelpName = "N",
            DefaultValueFactory = _ => 0,
        };
        var (crf, root, device, asWritten) = (
            Asked.Crf("Also show the answers with"),
            Asked.Root(),
            Asked.Device(),
            Asked.AsWritten()
        );
        var command = new Command(
            "report",
            "Writes one HTML file about a run: metrics beside baselines, curves, a gallery. Example: cmsa "
                + "report runs/1f0c4a2b9e-paper-small -o report/index.html"
        )
        {
            run,
            output,
            split,
            most,
            crf,
            root,
            device,
            asWritten,
        };
        command.SetAction(line =>
            Application.Exit(
                from folder in Asked.Find(line.GetRequiredValue(run))
                from data in Asked.Data(folder, line.GetRequiredValue(root))
                from report in Watching.Share(
                    "evaluating",
                    progress =>
                        Report.Of(
                            folder,
                            data,
                            line.GetRequiredValue(split),
                            line.GetValue(most),
                            line.GetValue(crf),
                            progress,
                            new(Device: line.GetRequiredValue(device), Optimise: Asked.Effort(line, asWritten))
                        )
                )
                from path in Asked.Write(line.GetRequiredValue(output), report.ToHtml())
                select Told(path, report)
            )
        );
        return command;
    }

    private static int Told(string path, Report report)
    {
        Terminal.Write([
            new(
                $"overall IoU on {report.Model.Split}: {Asked.Percent(report.Model.Total.OverallIou)}"
                    + report
                        .Refined.Map(s => $"; with the CRF behind it {Asked.Percent(s.Total.OverallIou)}")
                        .IfNone("")
                    + report
                        .Swapped.Map(s => $"; with another object's words {Asked.Percent(s.Total.OverallIou)}")
                        .IfNone("")
                    + $"; mean mask of the words {Asked.Percent(report.Baseline.Total.OverallIou)}"
            ),
            new($"report: {path}"),
        ]);
        return Application.Done;
    }
}
