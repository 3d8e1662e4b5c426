#!/usr/bin/env dotnet
#:project ../src/Cmsa.Cli/Cmsa.Cli.csproj
// A U-Net that says of every pixel which shape it belongs to, on the built-in scenes.
//   dotnet run examples/unet.cs -- train      stop it with Ctrl-C, or kill it: the same command goes on to the same bits
//   dotnet run examples/unet.cs -- eval
//   dotnet run examples/unet.cs -- report     unet.html: scores, curves, pictures
using Cmsa;
using Cmsa.Cli;
using Cmsa.Data.Pictures;
using Cmsa.Data.Scenes;
using Cmsa.Dsl;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Learners;
using Cmsa.Experiments.Reports;
using Cmsa.Experiments.Specs;
using Cmsa.Models.Zoo;
using LanguageExt;
using static TorchSharp.torch;

const int side = 48;
var classes = SceneLabels.Shapes.Count + 1;
var scenes = SceneDataset.Of(SceneFlavour.Gref, size: side, counts: new(Train: 4_000, Validation: 300));

var data = new Dataset<Cmsa.Dsl.Image, ClassMap>(
    "scenes by shape",
    [("train", scenes.Count("train")), ("val", scenes.Count("val"))],
    InputSpec.Of<ClassMap>(side, side),
    (split, index) =>
        scenes
            .Labels(split, index)
            .Map(scene => new Example([PixelNormalization.Centred.Of(scene.Picture.Rgb)], [scene.ShapeMap]))
);

var learner = Learner.Of(
    "unet",
    UNet.Scores(classes, width: 12, depth: 3),
    InputSpec.Image(side, side),
    data,
    Losses.PixelCrossEntropy(),
    Training.Of(iterations: 300, batch: 16, rate: 5e-3),
    [Metrics.MeanIou(classes), Metrics.PixelAccuracy()]
);

return Application.Run(args, learner, Show);

// The picture, the truth and the answer, each class in its colour.
Shown Show(int index, Output scores)
{
    var scene = scenes.Labels("val", index).IfLeft(error => throw new InvalidOperationException($"{error}"));
    var answer = scores.Value.argmax(1).to(ScalarType.Byte).data<byte>().ToArray();
    return new(
        $"scene {index}",
        [("picture", scene.Picture), ("truth", Painted(scene.ShapeMap)), ("answer", Painted(answer))]
    );
}

Picture Painted(byte[] map)
{
    (byte Red, byte Green, byte Blue)[] colours =
    [
        (245, 247, 250),
        (37, 99, 176),
        (214, 69, 69),
        (87, 174, 91),
        (232, 145, 45),
        (125, 79, 179),
        (31, 154, 166),
    ];
    return new(side, side, [.. map.Select(c => colours[c]).SelectMany(c => new[] { c.Red, c.Green, c.Blue })]);
}
