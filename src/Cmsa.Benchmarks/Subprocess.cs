using System.Diagnostics;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Benchmarks;

/// <summary>
/// Trials in processes of their own, one after the other: none inherits memory that another left lying about, and one
/// that needs more than there is takes nothing else with it. What is expected not to fit is not tried.
/// </summary>
public static class Subprocess
{
    // What compiling, and runs before the first that is timed, may take beside the runs themselves.
    private static readonly TimeSpan starting = TimeSpan.FromMinutes(3);

    /// <summary>Measures a trial.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="limits">What it may take.</param>
    /// <param name="arguments">
    /// The command line, after the program's name, that makes this program measure that trial and write what
    /// <see cref="Measured.ToJson"/> gives.
    /// </param>
    public static Either<Error, Measured> Measure(Trial trial, Limits limits, Many<string> arguments) =>
        from forecast in trial.Forecast
        from allowed in trial
            .Refusal(forecast, limits)
            .Match(Some: Left<Error, Unit>, None: () => Right<Error, Unit>(unit))
        from json in Run(arguments, starting + 3 * limits.Time)
        from measured in Measured.Parse(trial, forecast, json)
        select measured;

    private static Either<Error, string> Run(Many<string> arguments, TimeSpan within)
    {
        using var process = Process.Start(Started(arguments))!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(within))
        {
            process.Kill(entireProcessTree: true);
            return new Error($"given up after {within.TotalSeconds:0} s");
        }
        return process.ExitCode == 0
            ? output.Result.Trim()
            : new Error(
                // What went wrong comes first, and where it did behind it.
                error.Result.Trim() is { Length: > 0 } said && process.ExitCode < 128
                    ? said.Split('\n')[0]
                    : $"it did not survive (exit code {process.ExitCode}): it may need more memory than there is"
            );
    }

    // This program again: by the host that runs it, or by itself where it is its own host.
    private static ProcessStartInfo Started(Many<string> arguments)
    {
        var (host, program) = (Environment.ProcessPath!, Environment.GetCommandLineArgs()[0]);
        Many<string> line = Path.GetFileNameWithoutExtension(host).Equals("dotnet", StringComparison.OrdinalIgnoreCase)
            ? [program, .. arguments]
            : arguments;
        var start = new ProcessStartInfo(host, line) { RedirectStandardOutput = true, RedirectStandardError = true };
        // Memory that is freed goes back to the system at once, from the start on.
        (start.Environment["MALLOC_MMAP_THRESHOLD_"], start.Environment["MALLOC_TRIM_THRESHOLD_"]) = ("65536", "0");
        return start;
    }
}
