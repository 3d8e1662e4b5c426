using System.CommandLine;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Reports;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Scoring;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary><c>cmsa predict PHOTO "expression"</c>: the mask of what an expression names.</summary>
public static class PredictCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var photo = new Argument<string>("PHOTO") { Description = "A JPEG or PNG file." };
        var expression = new Argument<string>("EXPRESSION") { Description = "What to find, in words." };
        var weights = new System.CommandLine.Option<string>("--weights")
        {
            Description = "The run whose model answers.",
            HelpName = "RUN",
            Required = true,
        };
        var output = new System.CommandLine.Option<string>("--output", "-o")
        {
            Description = "The PNG file of the mask; the overlay and the words' heat maps are written beside it.",
            HelpName = "MASK.png",
            Required = true,
        };
        var (crf, device, asWritten) = (Asked.Crf("Answer with"), Asked.Device(), Asked.AsWritten());
        var command = new Command(
            "predict",
            "Finds what an expression names in a photograph. Example: cmsa predict street.jpg \"the car on the left\" --weights runs/1f0c4a2b9e-paper-small -o mask.png"
        )
        {
            photo,
            expression,
            weights,
            output,
            crf,
            device,
            asWritten,
        };
        command.SetAction(line =>
            Asked.Exit(
                from mask in Asked.PngPath(line.GetRequiredValue(output))
                from run in Asked.Find(line.GetRequiredValue(weights))
                from picture in PictureFile.Read(line.GetRequiredValue(photo)).MapLeft(wrong => (Error)wrong)
                from sample in Asking(run, picture, line.GetRequiredValue(expression))
                from written in Answer(
                    run,
                    sample,
                    mask,
                    line.GetValue(crf) ? new DenseCrf() : LanguageExt.Option<DenseCrf>.None,
                    new(
                        Device: line.GetRequiredValue(device),
                        Optimise: Asked.Effort(line, asWritten),
                        Probes: HeatMaps.Probes(run.Experiment)
                    )
                )
                select written
            )
        );
        return command;
    }

    private static Either<Error, Sample> Asking(RunFolder run, Picture picture, string expression)
    {
        var tokens = Tokenizer.Split(expression);
        return tokens.Exists(run.Vocabulary.Knows)
            ? new Sample(
                "",
                picture,
                new BinaryMask(picture.Height, picture.Width, new byte[picture.Height * picture.Width]),
                expression,
                tokens,
                ""
            )
            : new Error(
                tokens.IsEmpty ? "the expression says nothing" : "the model knows none of its words",
                $"\"{expression}\"",
                $"its words are in {Path.Combine(run.Path, "vocabulary.txt")}"
            );
    }

    private static Either<Error, int> Answer(
        RunFolder run,
        Sample sample,
        string output,
        LanguageExt.Option<DenseCrf> crf,
        Options options
    ) =>
        run.Model(options)
            .Bind(module =>
            {
                using (module)
                {
                    Memory.GiveBack();
                    var mask = ModelAnswer.Of(module, run.Experiment, run.Vocabulary, crf)([sample])[0];
                    var stem = Path.Combine(
                        Path.GetDirectoryName(output) ?? "",
                        Path.GetFileNameWithoutExtension(output)
                    );
                    Many<(string File, Picture Picture)> pictures =
                    [
                        (output, Painting.Of(mask)),
                        ($"{stem}.overlay.png", Painting.Overlay(sample.Picture, mask)),
                        .. HeatMaps
                            .Of(module, run.Experiment, run.Vocabulary, sample)
                            .Select(
                                (h, i) =>
                                    ($"{stem}.{i + 1}-{FileName(h.Word)}.png", Painting.Heat(sample.Picture, h.Values))
                            ),
                    ];
                    return pictures
                        .Fold(
                            Right<Error, int>(0),
                            (so, next) => so.Bind(_ => Asked.Write(next.File, next.Picture).Map(_ => 0))
                        )
                        .Map(_ => Told(run, sample, mask, pictures));
                }
            });

    private static int Told(
        RunFolder run,
        Sample sample,
        BinaryMask mask,
        Many<(string File, Picture Picture)> pictures
    )
    {
        var unknown = sample.Tokens.Filter(t => !run.Vocabulary.Knows(t));
        Terminal.Write([
            new(
                $"{mask.Area} of {mask.Pixels.Length} pixels ({Asked.Percent((double)mask.Area / mask.Pixels.Length)} %)"
            ),
            .. unknown.IsEmpty
                ? (Many<Line>)[]
                : [new Line($"words that the model does not know: {string.Join(", ", unknown)}", Look.Removed)],
            .. pictures.Map(p => new Line(p.File, Look.Quiet)),
        ]);
        return Application.Done;
    }

    private static string FileName(string word) => string.Concat(word.Select(c => char.IsLetterOrDigit(c) ? c : '_'));
}
