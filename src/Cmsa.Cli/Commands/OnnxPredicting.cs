using Cmsa.Data;
using Cmsa.Dsl.Onnx;
using Cmsa.Dsl.Onnx.Runtime;
using Cmsa.Experiments;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Scoring;
using Cmsa.Experiments.Specs;
using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary>Answers of ONNX Runtime: from an .onnx file alone, or from a run that is exported for it.</summary>
internal static class OnnxPredicting
{
    /// <summary>Whether something is an ONNX file rather than a run.</summary>
    public static bool IsFile(string weights) => weights.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);

    /// <summary>Uses the model of an .onnx file.</summary>
    /// <param name="file">The .onnx file.</param>
    /// <param name="use">What it is used for; it is closed then.</param>
    public static Either<Error, T> With<T>(string file, Func<Predictor, Either<Error, T>> use) =>
        OnnxModel
            .Open(file)
            .Bind(model =>
            {
                using (model)
                    return PredictorOf(model).Bind(use);
            });

    /// <summary>Uses a run's model, exported for the time being.</summary>
    /// <param name="run">The run.</param>
    /// <param name="asWritten">Whether the model is run as written.</param>
    /// <param name="use">What it is used for; it is closed then.</param>
    public static Either<Error, T> With<T>(RunFolder run, bool asWritten, Func<Predictor, Either<Error, T>> use)
    {
        var folder = Directory.CreateTempSubdirectory("cmsa-onnx");
        try
        {
            var file = Path.Combine(folder.FullName, "model.onnx");
            return OnnxExporting.Write(run, file, asWritten).Bind(_ => With(file, use));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Either<Error, Predictor> PredictorOf(OnnxModel model) =>
        from sizes in Sizes(model)
        from vocabulary in VocabularyOf(model)
        from pixels in Pixels(model)
        from protocol in model
            .Metadata.Find(OnnxMetadata.Protocol)
            .Match(json => Protocol.Parse(json, model.Path), () => Protocol.Clean)
        select new Predictor(
            sizes.Image,
            sizes.Words,
            pixels,
            vocabulary,
            protocol,
            (picture, words) => model.Run([picture, words]).Map(results => results.Head)
        );

    private static Either<Error, (int Image, int Words)> Sizes(OnnxModel model) =>
        model.Inputs
            is [
            { Type: torch.ScalarType.Float32, Sizes: [_, 3, var rows, var columns] },
            { Type: torch.ScalarType.Int64, Sizes: [_, var words] },
            ]
        && rows == columns
        && rows > 0
        && words > 0
            ? ((int)rows, (int)words)
            : new Error(
                $"the model takes {string.Join(" and ", model.Inputs.Map(i => $"{i.Name} {i.Sizes}"))}, and not a square picture and words",
                model.Path,
                "give a model that cmsa export wrote in Float32 or Float16"
            );

    private static Either<Error, Vocabulary> VocabularyOf(OnnxModel model) =>
        from text in Said(model, OnnxMetadata.Vocabulary, "vocabulary")
        from vocabulary in Data.Words.Vocabulary.Of([.. text.TrimEnd().Split('\n')], model.Path)
        select vocabulary;

    private static Either<Error, PixelNormalization> Pixels(OnnxModel model) =>
        Said(model, OnnxMetadata.Pixels, "way of taking pixels")
            .Bind(text =>
                Enum.TryParse<PixelNormalization>(text, out var pixels)
                    ? Right<Error, PixelNormalization>(pixels)
                    : new Error(
                        $"no way of taking pixels is called {text}",
                        model.Path,
                        "export the run again with this version"
                    )
            );

    private static Either<Error, string> Said(OnnxModel model, string key, string what) =>
        model
            .Metadata.Find(key)
            .ToEither(
                new Error(
                    $"the file does not say its {what}",
                    model.Path,
                    "export it with its run: cmsa export --weights RUN -o FILE.onnx"
                )
            );
}
