using System.CommandLine;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Reports;
using Cmsa.Experiments.Scoring;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary><c>cmsa predict PHOTO "expression" ...</c>: the masks of what expressions name.</summary>
public static class PredictCommand
{
    /// <summary>The exit code where some pictures of a folder could not be answered.</summary>
    public const int Partly = 1;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var photo = new Argument<string>("PHOTO") { Description = "A JPEG or PNG file, or a folder of them." };
        var expressions = new Argument<string[]>("EXPRESSION")
        {
            Description = "What to find, in words; several expressions share the work on the picture.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var file = new System.CommandLine.Option<string?>("--file")
        {
            Description = "A text file of further expressions, one a line.",
            HelpName = "EXPRESSIONS.txt",
        };
        var weights = new System.CommandLine.Option<string>("--weights")
        {
            Description =
                "The run whose model answers; with --engine onnx also an .onnx file that 'cmsa export --weights' wrote.",
            HelpName = "RUN",
            Required = true,
        };
        var output = new System.CommandLine.Option<string>("--output", "-o")
        {
            Description =
                "The PNG file of the mask; the overlay and the words' heat maps are written beside it. For "
                + "several expressions or a folder of pictures: a folder for masks and overlays, PICTURE-1.png, "
                + "PICTURE-1.overlay.png, ...",
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
            "Finds what an expression names in a photograph. Example: cmsa predict street.jpg \"the car on "
                + "the left\" --weights runs/1f0c4a2b9e-paper-small -o mask.png, or cmsa predict photos \"the car\" "
                + "\"the red bus\" --weights RUN -o masks"
        )
        {
            photo,
            expressions,
            file,
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
            var field = line.GetValue(crf) ? new DenseCrf() : LanguageExt.Option<DenseCrf>.None;
            var place = line.GetRequiredValue(device);
            var options = new Options(Device: place, Optimise: Asked.Effort(line, asWritten));
            return Application.Exit(
                from asked in Questions.Of(
                    line.GetRequiredValue(photo),
                    [.. line.GetValue(expressions) ?? []],
                    Optional(line.GetValue(file)),
                    line.GetRequiredValue(output)
                )
                from code in line.GetValue(engine) == Engine.Onnx
                    ? OnCpu(place).Bind(_ => ByOnnx(given, field, line.GetValue(asWritten), asked))
                    : ByTorch(given, field, options, asked)
                select code
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

    private static Either<Error, Unit> OnCpu(string device) =>
        device == "cpu"
            ? unit
            : new Error($"ONNX Runtime is here for the CPU alone, not for {device}", "--device", "leave --device out");

    private static Either<Error, int> ByTorch(
        string weights,
        LanguageExt.Option<DenseCrf> crf,
        Options options,
        Questions asked
    ) =>
        from run in OnnxPredicting.IsFile(weights)
            ? new Error("an .onnx file is run by ONNX Runtime", weights, "give --engine onnx")
            : Asked.Find(weights)
        from code in Answering.ByTorch(run, crf, options, heat: asked.IsOne, model => Answered(model, asked))
        select code;

    private static Either<Error, int> ByOnnx(
        string weights,
        LanguageExt.Option<DenseCrf> crf,
        bool asWritten,
        Questions asked
    ) =>
        OnnxPredicting.IsFile(weights)
            ? OnnxPredicting.With(weights, model => Answered(Answering.ByOnnx(model, weights, crf), asked))
            : from run in Asked.Find(weights)
              from code in OnnxPredicting.With(
                  run,
                  asWritten,
                  model => Answered(Answering.ByOnnx(model, Path.Combine(run.Path, "vocabulary.txt"), crf), asked)
              )
              select code;

    // A picture that cannot be read costs its own answers; where it is the only one, nothing is answered.
    private static Either<Error, int> Answered(Answering model, Questions asked)
    {
        var questions = asked.Expressions.Map(expression => WordsOf(model, expression));
        if (questions.Find(q => q.IsLeft).Case is Either<Error, AskedWords> unknown)
            return unknown.Map(_ => 0);
        var words = questions.Bind(q => q.ToSeq().ToMany());
        var unread = 0;
        foreach (var (file, name) in asked.Pictures)
        {
            var written = PictureFile
                .Read(file)
                .Bind(picture => model.Of(SamplesOf(picture, asked.Expressions, words)).Map(r => (picture, r)))
                .Bind(r => Written(model, asked, name, r.picture, words, r.r));
            if (written.Case is not Error wrong)
                continue;
            if (asked.Pictures.Count == 1)
                return wrong;
            Terminal.Complain($"skipped: {wrong}");
            unread++;
        }
        return unread == 0 ? Application.Done : Partly;
    }

    private static Either<Error, AskedWords> WordsOf(Answering model, string expression) =>
        AskedWords.Of(expression, model.Vocabulary, model.Words, model.WordsFile, model.Protocol);

    private static Many<Sample> SamplesOf(Picture picture, Many<string> expressions, Many<AskedWords> asked)
    {
        var nothing = new BinaryMask(picture.Height, picture.Width, new byte[picture.Height * picture.Width]);
        return expressions.Zip(asked, (text, words) => new Sample("", picture, nothing, text, words.Tokens, ""));
    }

    // The masks of a picture's expressions, their overlays and heat maps.
    private static Either<Error, Unit> Written(
        Answering model,
        Questions asked,
        string name,
        Picture picture,
        Many<AskedWords> words,
        Many<Reply> replies
    )
    {
        for (var i = 0; i < replies.Count; i++)
        {
            var file = asked.MaskFile(name, i + 1);
            var pictures = PicturesOf(file, picture, replies[i]);
            foreach (var (path, drawn) in pictures)
                if (Asked.Write(path, drawn).Case is Error wrong)
                    return wrong;
            var about = asked.IsOne ? "" : $"{file}: \"{asked.Expressions[i]}\": ";
            Told(model, about, words[i], replies[i].Mask);
            if (asked.IsOne)
                Terminal.Write(pictures.Map(p => new Line(p.File, Look.Quiet)));
        }
        return unit;
    }

    private static Many<(string File, Picture Picture)> PicturesOf(string output, Picture picture, Reply reply)
    {
        var stem = Path.Combine(Path.GetDirectoryName(output) ?? "", Path.GetFileNameWithoutExtension(output));
        return
        [
            (output, Painting.Of(reply.Mask)),
            ($"{stem}.overlay.png", Painting.Overlay(picture, reply.Mask)),
            .. reply.Heat.Select(
                (h, i) => ($"{stem}.{i + 1}-{FileName(h.Word)}.png", Painting.Heat(picture, h.Values))
            ),
        ];
    }

    private static void Told(Answering model, string about, AskedWords words, BinaryMask mask)
    {
        var (unknown, cut) = (words.Unknown, words.Cut);
        var share = Asked.Percent((double)mask.Area / mask.Pixels.Length);
        Terminal.Write([
            new($"{about}{mask.Area} of {mask.Pixels.Length} pixels ({share} %)"),
            .. unknown.IsEmpty
                ? (Many<Line>)[]
                : [new Line($"words that the model does not know: {string.Join(", ", unknown)}", Look.Removed)],
            .. cut.IsEmpty
                ? (Many<Line>)[]
                :
                [
                    new Line(
                        $"the model takes {model.Words} words; the last {cut.Count} were cut: {string.Join(' ', cut)}",
                        Look.Removed
                    ),
                ],
        ]);
    }

    private static string FileName(string word) => string.Concat(word.Select(c => char.IsLetterOrDigit(c) ? c : '_'));
}
