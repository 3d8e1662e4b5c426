using System.CommandLine;
using System.Globalization;
using Cmsa.Experiments.Reports;
using Cmsa.Experiments.Specs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary><c>cmsa data DATASET</c>: what is in a data set.</summary>
public static class DataCommand
{
    private const int Columns = 4;
    private const int MostErrors = 20;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var dataset = new Argument<string>("DATASET")
        {
            Description =
                "scenes/unc, scenes/unc+, scenes/gref, scenes/referit, REFER's, such as refcoco/unc, or a folder of your own.",
        };
        var root = Asked.Root();
        var sheet = new System.CommandLine.Option<string?>("--sheet")
        {
            Description = "A PNG file to write with samples: picture, region and expression.",
            HelpName = "FILE.png",
        };
        var split = new System.CommandLine.Option<string>("--split")
        {
            Description = "Which split the sheet shows.",
            HelpName = "SPLIT",
            DefaultValueFactory = _ => "train",
        };
        var samples = new System.CommandLine.Option<int>("--samples")
        {
            Description = "How many samples the sheet shows.",
            HelpName = "N",
            DefaultValueFactory = _ => 24,
        };
        var command = new Command(
            "data",
            "Counts what is in a data set, and shows samples. Example: cmsa data refcoco/unc --root "
                + "/data/refer --sheet samples.png"
        )
        {
            dataset,
            root,
            sheet,
            split,
            samples,
        };
        Listing.AddTo(command);
        command.SetAction(line =>
            Listing.Print(
                line,
                from data in DataSpec.Of(line.GetRequiredValue(dataset), line.GetRequiredValue(root)).Open()
                from drawn in line.GetValue(sheet) is { } path
                    ? ContactSheet(data, line.GetRequiredValue(split), line.GetValue(samples), path).Map(Some)
                    : LanguageExt.Option<(string, Many<Error>)>.None
                select new Listing(() => Lines(data, drawn), () => Json(data, drawn))
            )
        );
        return command;
    }

    // What could not be read, each in a line, up to a number of them.
    private static Many<Line> Unread(Many<Error> errors)
    {
        var lines = errors.Take(MostErrors).Map(wrong => new Line($"skipped: {wrong}", Look.Removed));
        var more = errors.Count - lines.Count;
        return more > 0 ? lines.Add(new Line($"skipped: {more} more", Look.Removed)) : lines;
    }

    private static object Json(IDataset data, LanguageExt.Option<(string Path, Many<Error> Unread)> sheet) =>
        new
        {
            data.Name,
            Words = data.Vocabulary.Count,
            Splits = data.Splits.Select(s =>
            {
                var counts = data is ReferDataset refer ? refer.Counts.Find(c => c.Split == s) : None;
                return new
                {
                    Split = s,
                    Expressions = data.Count(s),
                    Images = counts.Map(c => (int?)c.Images).IfNoneUnsafe((int?)null),
                    Regions = counts.Map(c => (int?)c.Refs).IfNoneUnsafe((int?)null),
                };
            }),
            Skipped = data.Skipped.Concat(sheet.ToMany().Bind(drawn => drawn.Unread)).Select(Listing.Of),
            Sheet = sheet.Map(drawn => drawn.Path).IfNoneUnsafe((string?)null),
        };

    private static Many<Line> Lines(IDataset data, LanguageExt.Option<(string Path, Many<Error> Unread)> sheet) =>
        [
            new($"{data.Name}: {data.Vocabulary.Count} words known, the four reserved ones included"),
            .. data is ReferDataset refer
                ?
                [
                    new Line(
                        $"{"split", -8}{"images", 10}{"regions", 10}{"expressions", 13}{"per region", 12}",
                        Look.Heading
                    ),
                    .. refer.Counts.Select(c => new Line(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{c.Split, -8}{c.Images, 10:#,0}{c.Refs, 10:#,0}{c.Expressions, 13:#,0}{c.PerRef, 12:0.00}"
                        )
                    )),
                ]
                : (Many<Line>)
                    [
                        new Line($"{"split", -8}{"expressions", 13}", Look.Heading),
                        .. data.Splits.Select(s => new Line(
                            string.Create(CultureInfo.InvariantCulture, $"{s, -8}{data.Count(s), 13:#,0}")
                        )),
                    ],
            .. Unread(data.Skipped),
            .. sheet.ToMany().Bind(drawn => Unread(drawn.Unread)),
            .. sheet.Map(drawn => new Line($"samples drawn to {drawn.Path}")).ToMany(),
        ];

    // Samples spread over the split, each with its region laid over it and its expression below.
    private static Either<Error, (string Path, Many<Error> Unread)> ContactSheet(
        IDataset data,
        string split,
        int count,
        string path
    )
    {
        var all = data.Count(split);
        if (all == 0 || count < 1)
            return new Error($"no samples in split {split}", data.Name, $"it has {string.Join(", ", data.Splits)}");
        var read = Enumerable
            .Range(0, Math.Min(count, all))
            .Select(i => data.Read(split, (int)((long)i * all / Math.Min(count, all))))
            .ToArray();
        var cells = read.SelectMany(r => r.ToSeq()).Select(Cell).ToArray();
        return cells.Length == 0
            ? read[0].Match(Right: _ => new Error("no sample can be read", data.Name), Left: wrong => (Error)wrong)
            : Asked
                .Write(path, Painting.Below([.. cells.Chunk(Columns).Select(row => Painting.Beside(row, 16))], 14))
                .Map(written => (written, read.SelectMany(r => r.LeftToSeq()).ToMany()));
    }

    private static Picture Cell(Sample sample)
    {
        var shots = Painting.Beside([sample.Picture, Painting.Overlay(sample.Picture, sample.Truth)]);
        return Painting.Below([shots, Painting.Text(sample.Expression, shots.Width)], 2);
    }
}
