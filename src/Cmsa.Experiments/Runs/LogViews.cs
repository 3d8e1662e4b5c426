using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Cmsa.Experiments.Runs;

/// <summary>
/// The log of a run for other programs, beside <c>log.jsonl</c>: an event file of TensorBoard and <c>log.csv</c>. Both
/// follow from the lines of the log alone, so a run that resumes writes them again from the lines that are kept. The
/// time of a line is the time the event file was made plus the seconds of training.
/// </summary>
internal sealed class LogViews : IDisposable
{
    /// <summary>The name of the table of comma-separated values.</summary>
    internal const string Csv = "log.csv";

    private const string Prefix = "events.out.tfevents.",
        Suffix = ".cmsa";

    private static readonly Many<string> training =
    [
        "loss",
        "rate",
        "images_per_second",
        "seconds",
        "waited",
        "memory",
        "gradient_norm",
    ];

    private static readonly Many<string> validation =
    [
        Log.Validation,
        "mean_iou",
        .. Scoring.Score.Thresholds.Select(t => string.Create(CultureInfo.InvariantCulture, $"precision@{t:0.0}")),
        "ema_overall_iou",
        "ema_mean_iou",
    ];

    private readonly FileStream events;
    private readonly FileStream table;
    private readonly long start;

    private LogViews(FileStream events, FileStream table, long start) =>
        (this.events, this.table, this.start) = (events, table, start);

    /// <summary>Writes the files of a log's lines, and keeps them open for more.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="lines">The lines that the log has.</param>
    public static LogViews Open(string folder, IEnumerable<(int Step, JsonObject Values)> lines)
    {
        var found = Directory.GetFiles(folder, $"{Prefix}*{Suffix}").Order(StringComparer.Ordinal).FirstOrDefault();
        var start = StartOf(found);
        var path = Path.Combine(folder, FormattableString.Invariant($"{Prefix}{start}{Suffix}"));
        var all = lines.ToArray();
        return new(
            Replaced(path, [.. EventRecord.Header(start), .. all.SelectMany(l => Event(start, l.Step, l.Values))]),
            Replaced(
                Path.Combine(folder, Csv),
                Encoding.UTF8.GetBytes($"{Heading}\n{string.Concat(all.Select(l => Row(l.Step, l.Values)))}")
            ),
            start
        );
    }

    /// <summary>Adds a line.</summary>
    public void Write(int step, JsonObject values)
    {
        events.Write(Event(start, step, values));
        events.Flush();
        table.Write(Encoding.UTF8.GetBytes(Row(step, values)));
        table.Flush();
    }

    private static string Heading => string.Join(',', (IEnumerable<string>)["step", .. training, .. validation]);

    private static string Row(int step, JsonObject values)
    {
        var cells = (training + validation).Map(name => Number(values, name));
        return cells.ForAll(c => c is null)
            ? ""
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{step},{string.Join(',', cells.Map(c => c?.ToString("R", CultureInfo.InvariantCulture)))}\n"
            );
    }

    private static byte[] Event(long start, int step, JsonObject values)
    {
        var (names, group) = values.ContainsKey(Log.Validation) ? (validation, "validation") : (training, "train");
        var scalars = names
            .Bind(name => Number(values, name) is { } value ? [($"{group}/{name}", value)] : (Many<(string, double)>)[])
            .ToArray();
        return scalars.Length == 0
            ? []
            : EventRecord.Scalars(start + (Number(values, "seconds") ?? 0), step, scalars);
    }

    private static double? Number(JsonObject values, string name) =>
        values[name] is JsonValue value && double.TryParse(value.ToJsonString(), CultureInfo.InvariantCulture, out var n)
            ? n
            : null;

    private static long StartOf(string? file) =>
        file is not null
        && long.TryParse(Path.GetFileName(file)[Prefix.Length..^Suffix.Length], CultureInfo.InvariantCulture, out var at)
            ? at
            : DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    // A file that already holds these bytes is left alone: a TensorBoard that reads it goes on reading.
    private static FileStream Replaced(string path, byte[] contents)
    {
        if (!File.Exists(path) || !File.ReadAllBytes(path).AsSpan().SequenceEqual(contents))
        {
            File.WriteAllBytes(path + ".new", contents);
            File.Move(path + ".new", path, overwrite: true);
        }
        return new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        events.Dispose();
        table.Dispose();
    }
}
