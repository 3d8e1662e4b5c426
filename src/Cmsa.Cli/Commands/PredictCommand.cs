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
            Description =
                "The run whose model answers; with --engine onnx also an .onnx file that 'cmsa export --weights' wrote.",
            HelpName = "RUN",
            Required = true,
        };
        var output = new System.CommandLine.Option<string>("--output", "-o")
        {
            Description = "The PNG file of the mask; the overlay and the words' heat maps are written beside it.",
            HelpName = "MASK.png",
            Required = true,
        };
        var engine = new System.CommandLine.Option<Engine>("--engine")
        {
            Description =
                "What runs the model: torch, or onnx (ONNX Runtime, on the CPU: the mask and the overlay, without heat maps).",
            HelpName = "ENGINE",
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
            engine,
            crf,
            device,
            asWritten,
        };
        command.SetAction(line =>
        {
            var given = line.GetRequiredValue(weights);
            var written = Asked.PngPath(line.GetRequiredValue(output));
            var field = line.GetValue(crf) ? new DenseCrf() : LanguageExt.Option<DenseCrf>.None;
            var level = Asked.Effort(line, asWritten);
            var place = line.GetRequiredValue(device);
            var question = written.Map(path => new Question(
                line.GetRequiredValue(photo),
                line.GetRequiredValue(expression),
                path
            ));
            return Asked.Exit(
                question.Bind(asked =>
                    line.GetValue(engine) == Engine.Onnx
                        ? OnCpu(place).Bind(_ => ByOnnx(given, asked, field, line.GetValue(asWritten)))
                        : ByTorch(given, asked, field, new(Device: place, Optimise: level))
                )
            );
        });
        return command;
    }

    /// <summary>What runs a model.</summary>
    private enum Engine
    {
        Torch,
        Onnx,
    }

    /// <summary>What is asked, and where the answer goes.</summary>
    private sealed record Question(string Photo, string Expression, string Output)
    {
        public Either<Error, Sample> Of(Vocabulary vocabulary, string words) =>
            from picture in PictureFile.Read(Photo).MapLeft(wrong => (Error)wrong)
            from sample in Asking(vocabulary, words, picture, Expression)
            select sample;
    }

    private static Either<Error, Unit> OnCpu(string device) =>
        device == "cpu"
            ? unit
            : new Error($"ONNX Runtime is here for the CPU alone, not for {device}", "--device", "leave --device out");

    private static Either<Error, int> ByTorch(
        string weights,
        Question asked,
        LanguageExt.Option<DenseCrf> crf,
        Options options
    ) =>
        from run in OnnxPredicting.IsFile(weights)
            ? new Error("an .onnx file is run by ONNX Runtime", weights, "give --engine onnx")
            : Asked.Find(weights)
        from sample in asked.Of(run.Vocabulary, Path.Combine(run.Path, "vocabulary.txt"))
        from written in Answer(
            run,
            sample,
            asked.Output,
            crf,
            options with
            {
                Probes = HeatMaps.Probes(run.Experiment),
            }
        )
        select written;

    private static Either<Error, int> ByOnnx(
        string weights,
        Question asked,
        LanguageExt.Option<DenseCrf> crf,
        bool asWritten
    ) =>
        OnnxPredicting.IsFile(weights)
            ? from vocabulary in OnnxPredicting.Vocabulary(weights)
            from sample in asked.Of(vocabulary, weights)
            from mask in OnnxPredicting.Answer(weights, sample, crf)
            from written in Written(vocabulary, sample, asked.Output, mask, [])
            select written
            : from run in Asked.Find(weights)
            from sample in asked.Of(run.Vocabulary, Path.Combine(run.Path, "vocabulary.txt"))
            from mask in OnnxPredicting.Answer(run, sample, crf, asWritten)
            from written in Written(run.Vocabulary, sample, asked.Output, mask, [])
            select written;

    private static Either<Error, Sample> Asking(Vocabulary vocabulary, string words, Picture picture, string expression)
    {
        var tokens = Tokenizer.Split(expression);
        return tokens.Exists(vocabulary.Knows)
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
                $"its words are in {words}"
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
                    var heat = HeatMaps.Of(module, run.Experiment, run.Vocabulary, sample);
                    return Written(run.Vocabulary, sample, output, mask, heat);
                }
            });

    /// <summary>Writes the mask, the overlay and the heat maps, and says so.</summary>
    private static Either<Error, int> Written(
        Vocabulary vocabulary,
        Sample sample,
        string output,
        BinaryMask mask,
        Many<HeatMap> heat
    )
    {
        var stem = Path.Combine(Path.GetDirectoryName(output) ?? "", Path.GetFileNameWithoutExtension(output));
        Many<(string File, Picture Picture)> pictures =
        [
            (output, Painting.Of(mask)),
            ($"{stem}.overlay.png", Painting.Overlay(sample.Picture, mask)),
            .. heat.Select(
                (h, i) => ($"{stem}.{i + 1}-{FileName(h.Word)}.png", Painting.Heat(sample.Picture, h.Values))
            ),
        ];
        return pictures
            .Fold(Right<Error, int>(0), (so, next) => so.Bind(_ => Asked.Write(next.File, next.Picture).Map(_ => 0)))
            .Map(_ => Told(vocabulary, sample, mask, pictures));
    }

    private static int Told(
        Vocabulary vocabulary,
        Sample sample,
        BinaryMask mask,
        Many<(string File, Picture Picture)> pictures
    )
    {
        var unknown = sample.Tokens.Filter(t => !vocabulary.Knows(t));
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
