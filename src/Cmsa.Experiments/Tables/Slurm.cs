using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Tables;

/// <summary>
/// A study's jobs as job arrays of Slurm, a task each; as many arrays as the longest that Slurm takes makes necessary.
/// A task that is preempted or requeued is told by SIGTERM, leaves a checkpoint and goes on from there when it is
/// started again; one that runs into its time limit is told two minutes before.
/// </summary>
public static class Slurm
{
    /// <summary>
    /// What each task runs. The shell becomes the program, so that what Slurm signals to the one reaches the other.
    /// </summary>
    /// <param name="command">The program and its arguments; the task's number is added.</param>
    /// <param name="first">The task of the array's index 0.</param>
    public static string Script(Many<string> command, int first = 0) =>
        $"#!/bin/sh\nexec {string.Join(' ', command.Map(Quoted))} --task \"$(({Text(first)} + SLURM_ARRAY_TASK_ID))\"\n";

    /// <summary>Tasks as arrays, whose indices are below a limit: task <c>First + index</c> each.</summary>
    /// <param name="tasks">The numbers of the tasks, ascending.</param>
    /// <param name="limit">What indices must stay below, of <see cref="MaxArraySize()"/>.</param>
    public static Many<(int First, Many<int> Indices)> Arrays(Many<int> tasks, int limit) =>
        tasks
            .GroupBy(task => task / limit)
            .Select(array => (array.Key * limit, array.Select(task => task % limit).ToMany()))
            .ToMany();

    /// <summary>
    /// What the indices of an array must stay below here: <c>MaxArraySize</c> of <c>scontrol show config</c>; Slurm's
    /// default where that cannot be asked.
    /// </summary>
    public static int MaxArraySize()
    {
        try
        {
            using var scontrol = Process.Start(
                new ProcessStartInfo("scontrol", ["show", "config"])
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                }
            )!;
            var complained = scontrol.StandardError.ReadToEndAsync();
            var said = scontrol.StandardOutput.ReadToEnd();
            scontrol.WaitForExit();
            _ = complained.Result;
            return MaxArraySize(said).IfNone(DefaultMaxArraySize);
        }
        catch (Win32Exception)
        {
            return DefaultMaxArraySize;
        }
    }

    /// <summary>The line <c>MaxArraySize = 1001</c> of a configuration.</summary>
    internal static Option<int> MaxArraySize(string configuration) =>
        configuration
            .Split('\n')
            .Select(line => line.Split('=', StringSplitOptions.TrimEntries))
            .Where(line => line is ["MaxArraySize", _])
            .Select(line => parseInt(line[1]))
            .FirstOrDefault()
            .Filter(size => size > 0);

    private const int DefaultMaxArraySize = 1001;

    /// <summary>The options of <c>sbatch</c>.</summary>
    /// <param name="name">What the jobs are called.</param>
    /// <param name="tasks">The numbers of the tasks.</param>
    /// <param name="logs">The folder of their logs.</param>
    /// <param name="passed">Options of the user's own; they stand last, so they are the ones that count.</param>
    public static Many<string> Options(string name, Many<int> tasks, string logs, Many<string> passed) =>
        [
            "--parsable",
            $"--job-name={name}",
            $"--array={Ranges(tasks)}",
            "--requeue",
            "--open-mode=append",
            "--signal=B:TERM@120",
            $"--output={logs}/slurm-%A_%a.log",
            .. passed,
        ];

    /// <summary>Hands a script to <c>sbatch</c>.</summary>
    /// <returns>The number of the job array, or what sbatch said against it.</returns>
    public static Either<Error, string> Submit(Many<string> options, string script)
    {
        try
        {
            using var sbatch = Process.Start(
                new ProcessStartInfo("sbatch", options)
                {
                    RedirectStandardInput = true,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                }
            )!;
            var said = sbatch.StandardOutput.ReadToEndAsync();
            var complained = sbatch.StandardError.ReadToEndAsync();
            Give(sbatch.StandardInput, script);
            sbatch.WaitForExit();
            return sbatch.ExitCode == 0
                ? said.Result.Trim().Split(';')[0]
                : new Error(
                    string.Join(
                        " ",
                        complained.Result.Split(
                            '\n',
                            StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries
                        )
                    ),
                    "sbatch",
                    "options for it stand after --"
                );
        }
        catch (Win32Exception)
        {
            return new Error(
                "there is no sbatch on this machine",
                "--slurm",
                "run it where Slurm is, or leave --slurm out"
            );
        }
    }

    // One that gives up before it has read the script says why.
    private static void Give(StreamWriter input, string script)
    {
        try
        {
            input.Write(script);
            input.Close();
        }
        catch (IOException) { }
    }

    /// <summary>Ascending numbers as an array takes them: <c>0-3,5</c>.</summary>
    internal static string Ranges(Many<int> numbers) =>
        string.Join(
            ',',
            numbers
                .Select((number, i) => (Number: number, Run: number - i))
                .GroupBy(n => n.Run)
                .Select(run =>
                    run.Count() == 1
                        ? Text(run.First().Number)
                        : $"{Text(run.First().Number)}-{Text(run.Last().Number)}"
                )
        );

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Quoted(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
