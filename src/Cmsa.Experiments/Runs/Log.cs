using System.Text.Json;
using System.Text.Json.Nodes;
using Cmsa.Experiments.Specs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Runs;

/// <summary>
/// A run's log: a JSON object a line, each with the step it is of. Reopened at a checkpoint, it forgets what came
/// after.
/// </summary>
public sealed class Log : IDisposable
{
    /// <summary>What the line of a validation of referring segmentation has, and no other.</summary>
    internal const string Validation = "overall_iou";

    private readonly StreamWriter file;

    private readonly LogViews views;

    private Log(StreamWriter file, LogViews views) => (this.file, this.views) = (file, views);

    /// <summary>
    /// Opens the log of a run that goes on from a checkpoint; a validation that is still to be done is forgotten too.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="at">The checkpoint.</param>
    /// <param name="columns">What its views show; those of referring segmentation if not given.</param>
    internal static Either<Error, Log> Open(string path, Checkpoint at, LogColumns? columns = null)
    {
        var shown = columns ?? LogColumns.Referring;
        return Failures.Try(
            path,
            () =>
            {
                var kept = Read(path)
                    .Where(line =>
                        line.Step < at.Step
                        || (line.Step == at.Step && !(at.Unvalidated && line.Values.ContainsKey(shown.Mark)))
                    )
                    .ToArray();
                File.WriteAllLines(path + ".new", kept.Select(line => line.Values.ToJsonString()));
                File.Move(path + ".new", path, overwrite: true);
                var views = LogViews.Open(Path.GetDirectoryName(path)!, kept, shown);
                return new Log(new StreamWriter(path, append: true) { AutoFlush = true }, views);
            }
        );
    }

    /// <summary>Adds a line.</summary>
    internal void Write(int step, params IEnumerable<(string Name, object Value)> values)
    {
        var line = new JsonObject([
            new("step", step),
            .. values.Select(v => new KeyValuePair<string, JsonNode?>(
                v.Name,
                JsonSerializer.SerializeToNode(v.Value, Experiment.Records)
            )),
        ]);
        file.WriteLine(line.ToJsonString());
        views.Write(step, line);
    }

    /// <summary>The lines of a log that are whole, with their steps; none where there is no log.</summary>
    public static IReadOnlyList<(int Step, JsonObject Values)> Read(string path) =>
        !File.Exists(path) ? [] : [.. File.ReadLines(path).SelectMany(line => Parse(line).ToSeq())];

    /// <summary>A number over the steps, where the log has it: <c>loss</c>, <c>overall_iou</c>, ...</summary>
    public static IReadOnlyList<(double Step, double Value)> Series(string path, string name) =>
        [
            .. from line in Read(path)
            let number = line.Values[name] as JsonValue
            where number is not null && number.TryGetValue<double>(out _)
            select ((double)line.Step, number.GetValue<double>()),
        ];

    private static Option<(int, JsonObject)> Parse(string line)
    {
        try
        {
            return JsonNode.Parse(line) is JsonObject values && values["step"] is JsonValue step
                ? (step.GetValue<int>(), values)
                : None;
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or FormatException)
        {
            return None;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        file.Dispose();
        views.Dispose();
    }
}
