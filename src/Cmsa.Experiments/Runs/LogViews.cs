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

    private readonly LogColumns columns;
    private readonly FileStream events;
    private readonly FileStream table;
    private readonly long start;

    private LogViews(FileStream events, FileStream table, long start, LogColumns columns) =>
        (this.events, this.table, this.start, this.columns) = (events, table, start, columns);

    /// <summary>Writes the files of a log's lines, and keeps them open for more.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="lines">The lines that the log has.</param>
    /// <param name="columns">The numbers that they show.</param>
    public static LogViews Open(string folder, IEnumerable<(int Step, JsonObject Values)> lines, LogColumns columns)
    {
        var found = Directory.GetFiles(folder, $"{Prefix}*{Suffix}").Order(StringComparer.Ordinal).FirstOrDefault();
        var start = StartOf(found);
        var path = Path.Combine(folder, FormattableString.Invariant($"{Prefix}{start}{Suffix}"));
        var all = lines.ToArray();
        return new(
            Replaced(path, [.. EventRecord.Header(start), .. all.SelectMany(l => Event(columns, start, l.Step, l.Values))]),
            Replaced(
                Path.Combine(folder, Csv),
                Encoding.UTF8.GetBytes($"{Heading(columns)}\n{string.Concat(all.Select(l => Row(columns, l.Step, l.Values)))}")
            ),
            start,
            columns
        );
    }

    /// <summary>Adds a line.</summary>
    public void Write(int step, JsonObject values)
    {
        events.Write(Event(columns, start, step, values));
        events.Flush();
        table.Write(Encoding.UTF8.GetBytes(Row(columns, step, values)));
        table.Flush();
    }

    private static string Heading(LogColumns columns) => string.Join(',', (IEnumerable<string>)["step", .. columns.All]);

    private static string Row(LogColumns columns, int step, JsonObject values)
    {
        var cells = columns.All.Map(name => Number(values, name));
        return cells.ForAll(c => c is null)
            ? ""
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{step},{string.Join(',', cells.Map(c => c?.ToString("R", CultureInfo.InvariantCulture)))}\n"
            );
    }

    private static byte[] Event(LogColumns columns, long start, int step, JsonObject values)
    {
        var (names, group) = values.ContainsKey(columns.Mark)
            ? (columns.Validation, "validation")
            : (LogColumns.Training, "train");
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
