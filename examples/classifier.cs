#!/usr/bin/env dotnet
#:project ../src/Cmsa.Cli/Cmsa.Cli.csproj
// A small ResNet that names the shape of the largest thing in a picture, on the built-in scenes.
//   dotnet run examples/classifier.cs -- train      stop it with Ctrl-C, or kill it: the same command goes on to the same bits
//   dotnet run examples/classifier.cs -- report     resnet.html: scores, curves, pictures
using Cmsa;
using Cmsa.Cli;
using Cmsa.Data.Scenes;
using Cmsa.Dsl;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Learners;
using Cmsa.Experiments.Optimizers;
using Cmsa.Experiments.Reports;
using Cmsa.Experiments.Specs;
using Cmsa.Models;
using LanguageExt;

const int side = 64;
var names = SceneLabels.Shapes;
var scenes = SceneDataset.Of(SceneFlavour.Gref, size: side, counts: new(Train: 8_000, Validation: 500));

var data = new Dataset<Image, Label>(
    "scenes by largest shape",
    [("train", scenes.Count("train")), ("val", scenes.Count("val"))],
    InputSpec.Of<Label>(),
    (split, index) =>
        scenes
            .Labels(split, index)
            .Map(scene => new Example([PixelNormalization.Centred.Of(scene.Picture.Rgb)], [scene.Largest.Shape]))
);

var learner = Learner.Of(
    "resnet",
    new ResNet([1, 1, 1, 1], Bottleneck: false, Width: 24).Classifier(names.Count),
    InputSpec.Image(side, side),
    data,
    Losses.CrossEntropy(),
    Training.Of(iterations: 600, batch: 32, rate: 0.05) with { Warmup = 30, WeightDecay = 1e-4, Ema = 0.99 },
    [Metrics.Accuracy()],
    Optimizer.Sgd(momentum: 0.9, nesterov: true)
);

return Application.Run(args, learner, Show);

Shown Show(int index, Output scores)
{
    var scene = scenes.Labels("val", index).IfLeft(error => throw new InvalidOperationException($"{error}"));
    var answer = names[(int)scores.Value.argmax(1).data<long>()[0]];
    return new($"{answer} (it is a {names[scene.Largest.Shape]})", [("picture", scene.Picture)]);
}
