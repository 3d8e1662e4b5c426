using System.Globalization;
using Cmsa.Dsl.Graphs;
using Cmsa.Experiments.Learning;
using Cmsa.Experiments.Reports;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Specs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary><c>cmsa train --find-rate</c>: a sweep of learning rates, its chart, and a rate to begin with.</summary>
internal static class RateFinding
{
    /// <summary>Sweeps the rates of an experiment in a folder that is removed again, and writes the chart.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="runs">The folder of the runs.</param>
    /// <param name="file">The SVG or HTML file of the chart.</param>
    /// <param name="device">Where the model runs.</param>
    /// <param name="effort">How far it is rewritten first.</param>
    /// <param name="stop">Cancelled to stop.</param>
    public static Either<Error, int> Of(
        Experiment experiment,
        string runs,
        string file,
        string device,
        OptimizationLevel effort,
        CancellationToken stop
    ) =>
        from named in Path.GetExtension(file).ToLowerInvariant() is ".svg" or ".html"
            ? Right<Error, Unit>(unit)
            : new Error("the chart is an SVG or HTML file", $"--find-rate {file}", "write such as --find-rate rates.svg")
        from fits in experiment.Problem.Match(problem => Left<Error, Unit>(problem), () => unit)
        from data in experiment.Data.Open()
        from sweep in TemporaryRuns.In(
            runs,
            "find-rate",
            folder =>
                from run in RunFolder.Create(folder, experiment, data.Vocabulary)
                from swept in Trainer.Sweep(run, data, RateSweep.Rates(), device, effort: effort, stop: stop)
                select swept
        )
        from written in Files.Write(file, RateChart.Svg(sweep.Points, sweep.Smoothed, sweep.Suggestion.ToOption()))
        from rate in Told(sweep, written)
        select rate;

    private static Either<Error, int> Told(RateSweep sweep, string file)
    {
        Terminal.Write($"losses at {sweep.Points.Count} rates drawn to {file}");
        return sweep.Suggestion.Map(rate =>
        {
            var text = rate.ToString("0.0e-0", CultureInfo.InvariantCulture);
            Terminal.Write($"suggested: --rate {text}, where the loss falls fastest");
            return Application.Done;
        });
    }
}
