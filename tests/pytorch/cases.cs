#!/usr/bin/env dotnet
#:project ../../src/Cmsa.Dsl.Testing/Cmsa.Dsl.Testing.csproj
#:project ../../src/Cmsa.Dsl.PyTorch/Cmsa.Dsl.PyTorch.csproj
#:project ../../src/Cmsa.Models/Cmsa.Models.csproj
// Models as PyTorch source with weights, arguments, and what TorchSharp makes of them, for check.py to compare with.
// dotnet run tests/pytorch/cases.cs FOLDER RANDOM SEED RANDOM: how many random graphs of each of five kinds, from SEED
using System.Globalization;
using Cmsa;
using Cmsa.Dsl;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.PyTorch;
using Cmsa.Dsl.Rewriting;
using Cmsa.Dsl.Testing;
using Cmsa.Dsl.Torch;
using Cmsa.Models;
using Cmsa.Models.Tables;
using Cmsa.Models.Zoo;
using FsCheck;
using FsCheck.Fluent;
using LanguageExt;
using TorchSharp;
using static Cmsa.Dsl.Layers.Syntax;
using static TorchSharp.torch;

var (folder, random) = (args[0], int.Parse(args[1], CultureInfo.InvariantCulture));
var seed = ulong.Parse(args[2], CultureInfo.InvariantCulture);
torch.set_num_threads(2);

// Smaller than the small models, since as written an attention holds a number for each pair of a word at a place.
var sizes = Sizes.Small with
{
    Image = 48,
    Words = 6,
};
Of("Cmsa.Paper", Paper.Model(sizes), sizes.Inputs);
Of("Cmsa.Released", Released.Model(sizes), sizes.Inputs);
Of("Cmsa.Paper-frozen", Paper.Model(sizes with { FixedBackbone = true }), sizes.Inputs);
foreach (var table in PaperTables.All)
foreach (var row in table.Rows)
    row.Model.IfSome(model => Of($"table{table.Number}-{row.Key}", model(sizes), sizes.Inputs));
Of("ResNet-18", ResNet.Of18.Classifier(10), InputSpec.Image(32, 48));

// In float32 a deep network's gradients are not to be compared: rounding moves what is near 0 to the other side of a
// relu.
Of(
    "ResNet-50-stride-8",
    (ResNet.Of50 with { Width = 8, OutputStride = 8 }).Classifier(10),
    InputSpec.Image(64, 80),
    inFloat32: false
);

var thin = new ResNet([1, 1, 1, 1], Bottleneck: true, Width: 4);
Of("ViT", new VisionTransformer(8, 2, 2, Patch: 8).Classifier(5), InputSpec.Image(16, 24), inFloat32: false);
Of("ConvNeXt", new ConvNext([1, 1], [4, 8], 0).Classifier(5), InputSpec.Image(32, 32), inFloat32: false);
Of("CBAM", GatedResNet.Cbam(thin, 5), InputSpec.Image(32, 32), inFloat32: false);
Of("DeepLabv3", DeepLabV3.Model(thin, 32, 8), InputSpec.Image(32, 32), inFloat32: false);
Of(
    "recurrences",
    Lstm<Words>(4, peepholes: true) >> Bidirectional(Gru<Words>(3)) >> Gru<Words>(2, resetAfter: false),
    InputSpec.Words(5, 3)
);
Of(
    "rectangles",
    Conv(4, (1, 5), (2, 1)) >> Relu >> Conv(3, (3, 1), dilation: (2, 1)) >> MaxPool((1, 2), (1, 2)) >> ConvTranspose(2, (2, 4)),
    InputSpec.FeatureMap(3, 8, 9)
);
Of(
    "LAVT",
    new Lavt(new(8, 2, 2, Patch: 8), Stages: 2).Model(32, 9),
    InputSpec.Image(32, 32) & InputSpec.Tokens(5),
    inFloat32: false
);
Of("VLT", new Vlt(8, 2).Model(sizes), sizes.Inputs, inFloat32: false);
Of("BRINet", new BriNet(8).Model(sizes), sizes.Inputs, inFloat32: false);

Sample("programs", RandomLayers.Programs().Generator);
Sample("maps", RandomLayers.Maps().Generator.Select(GraphOf));
Sample("words", RandomLayers.Expressions().Generator.Select(GraphOf));
Sample("multimodal", RandomLayers.Multimodals().Generator.Select(GraphOf));
Sample("fusions", RandomLayers.Fusions().Generator.Select(GraphOf));

void Sample(string kind, Gen<Graph> generator)
{
    var graphs = generator.Sample(numberOfSamples: random, seed: new Rnd(seed, 1), size: 5);
    foreach (var (n, graph) in graphs.Index())
        Write($"random.{kind}.{n}", graph, inFloat32: false);
}

void Of(string name, Layer model, InputSpec inputs, bool inFloat32 = true) =>
    Write(name, Fits(model.At(inputs), name), inFloat32);

static Graph GraphOf<A, B>(Example<A, B> example) => Fits(example.Layer.At(example.Extent), $"{example}");

static T Fits<T>(Validation<Error, T> found, string name) =>
    found.Match(
        Succ: value => value,
        Fail: errors => throw new ArgumentException($"{name}: {string.Join("; ", errors)}")
    );

void Write(string name, Graph graph, bool inFloat32)
{
    var at = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
    Source("as-written", graph);
    Source("optimised", GraphOptimizer.Optimize(graph, OptimizationLevel.All, training: true, Processor.Gpu));
    Source(
        "inference",
        GraphOptimizer.Optimize(graph, OptimizationLevel.All, training: false, Processor.Gpu),
        folds: true
    );
    // Kernels for a CPU, Winograd's tiles among them, and attention fused alone.
    Source(
        "inference-cpu",
        GraphOptimizer.Optimize(graph, OptimizationLevel.All, training: false, Processor.Cpu),
        folds: true
    );
    Source("fused", GraphOptimizer.Optimize(graph, OptimizationLevel.Fused, training: true, Processor.Gpu));
    Expected(at, graph, Precision.Float64);
    if (inFloat32)
        Expected(at, graph, Precision.Float32);

    void Source(string variant, Graph exported, bool folds = false) =>
        File.WriteAllText(
            Path.Combine(at, $"{variant}.py"),
            Fits(PyTorchSource.Write(exported, new(name, FoldsWeights: folds)), name)
        );
}

// What TorchSharp makes of the graph as it is written.
void Expected(string at, Graph graph, Precision precision)
{
    using var scope = NewDisposeScope();
    var module = new Compiled(graph, new Options(Precision: precision, Training: true)).WithDrawnWeights();
    var arguments = module.DrawnArguments(batch: 3);
    Save("weights", module.Tensors.Select(t => (t.Parameter.Path, t.Tensor)));
    module.eval();
    Save("eval", Ran());

    // Dropout draws other numbers here than there.
    if (graph.Nodes.Exists(n => n.Operation is Drop { Probability: > 0 }))
        return;
    module.train();
    var ran = Ran();
    var statistics = module.Tensors.Where(t => t.Parameter.Role == Role.Statistic);
    Save("train", [.. ran, .. statistics.Select(t => ($"statistic.{t.Parameter.Path}", t.Tensor))]);

    List<(string, Tensor)> Ran()
    {
        module.zero_grad(set_to_none: true);
        var result = module.Run(arguments);
        List<(string, Tensor)> all = [.. arguments.Select((a, i) => ($"argument.{i}", a)), ("result", result)];
        if (!result.requires_grad)
            return all;
        var towards = Drawn.Uniform("towards", result.shape).to(result.dtype) - 0.5;
        (result * towards).sum().backward();
        all.Add(("towards", towards));
        var learnt = module.Tensors.Where(t => t.Tensor.grad is not null);
        all.AddRange(learnt.Select(t => ($"gradient.{t.Parameter.Path}", t.Tensor.grad!.clone())));
        return all;
    }

    void Save(string file, IEnumerable<(string, Tensor)> tensors)
    {
        var written = Weights.Write(Path.Combine(at, $"{file}.{precision}.safetensors"), tensors);
        if (written.Case is Error error)
            throw new IOException($"{error}");
    }
}
