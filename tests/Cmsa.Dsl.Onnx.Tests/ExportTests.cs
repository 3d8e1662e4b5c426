using Cmsa.Dsl.Onnx.Runtime;
using Cmsa.Dsl.Rewriting;
using Google.Protobuf;
using LanguageExt;
using Onnx;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Onnx.Tests;

/// <summary>What stands in an exported file, and what is refused.</summary>
public sealed class ExportTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cmsa-onnx").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string At(string file) => Path.Combine(folder, file);

    private static Graph Small { get; } = Of(Paper.Model(Models.Sizes.Small), Models.Sizes.Small.Inputs);

    private static Graph Of(Layer layer, InputSpec inputs) =>
        layer.At(inputs).IfFail(errors => throw new InvalidOperationException($"{errors}"));

    private static Graph Optimised(Graph graph) =>
        GraphOptimizer.Optimize(graph, OptimizationLevel.All, training: false, Processor.Gpu);

    private static Either<Error, double[]> Ones(Parameter parameter) =>
        Enumerable.Repeat(1.0, (int)parameter.Of.Count).ToArray();

    private static ModelProto Model(Graph graph, OnnxOptions? options = null) =>
        ModelProto.Parser.ParseFrom(
            OnnxExport.Bytes(graph, Ones, options ?? new()).IfLeft(e => throw new InvalidOperationException($"{e}"))
        );

    private static Many<long> Sizes(ValueInfoProto info) =>
        info.Type.TensorType.Shape.Dim.Select(d => d.HasDimValue() ? d.DimValue : -1).ToMany();

    [Fact]
    public void Inputs_and_outputs_are_named_described_and_of_a_batch_of_any_size()
    {
        var options = new OnnxOptions(Output: "mask", Descriptions: HashMap(("image", "a picture")));
        var graph = Model(Optimised(Small), options).Graph;
        Assert.Equal(["image", "tokens"], graph.Input.Select(i => i.Name));
        Assert.Equal(
            [
                [-1, 3, 96, 96],
                [-1, 12],
            ],
            graph.Input.Select(Sizes)
        );
        Assert.All(graph.Input, i => Assert.Equal("batch", i.Type.TensorType.Shape.Dim[0].DimParam));
        Assert.Equal("[batch, channel 3, row 96, column 96]: a picture", graph.Input[0].DocString);
        Assert.Equal(
            "[batch, word 12]: words as numbers of the vocabulary, right-aligned; 0 is padding; one word at least",
            graph.Input[1].DocString
        );
        Assert.Equal("mask", graph.Output.Single().Name);
        Assert.Equal([-1, 96, 96], Sizes(graph.Output.Single()));
    }

    [Fact]
    public void Words_and_their_presence_are_inputs_and_outputs()
    {
        var graph = Model(Of(Linear<Words>(3), InputSpec.Words(4, 2))).Graph;
        Assert.Equal(["words", "words.present"], graph.Input.Select(i => i.Name));
        Assert.Equal(["output", "output.present"], graph.Output.Select(o => o.Name));
        Assert.Contains("which words are there", graph.Input[1].DocString, StringComparison.Ordinal);
    }

    [Fact]
    public void Levels_are_outputs_by_name()
    {
        var backbone = DeepLab.Of(ResNet.Of18, "res3", "res5");
        Assert.Equal(["res3", "res5"], Model(Of(backbone, InputSpec.Image(32, 32))).Graph.Output.Select(o => o.Name));
    }

    [Fact]
    public void Parameters_keep_their_paths_and_shapes()
    {
        var written = Model(Small).Graph.Initializer.ToDictionary(i => i.Name, i => i.Dims.ToMany());
        foreach (var parameter in Small.Parameters)
            Assert.Equal(parameter.Of.Dimensions.Map(d => (long)d.Size), written[parameter.Path]);
    }

    [Fact]
    public void Metadata_is_read_back_by_the_runtime()
    {
        var metadata = HashMap((OnnxMetadata.Vocabulary, "<pad>\n<go>"), (OnnxMetadata.Pixels, "Centred"));
        var bytes = OnnxExport.Bytes(Small, Ones, new OnnxOptions(Metadata: metadata)).IfLeft([]);
        using var model = OnnxModel.Open(bytes).IfLeft(e => throw new InvalidOperationException($"{e}"));
        Assert.Equal(metadata, model.Metadata);
    }

    // At the paper's sizes, on a thin backbone: the graph of attention is the same.
    [Fact]
    public void Optimised_no_value_grows_with_the_square_of_words_and_places()
    {
        var sizes = Models.Sizes.Paper with
        {
            Backbone = ResNet.Of18 with { Width = 4 },
            Attention = 8,
            WordChannels = 8,
            FusedChannels = 8,
            Vocabulary = 40,
        };
        var graph = Optimised(Of(Paper.Model(sizes), sizes.Inputs));
        var largest = Model(graph)
            .Graph.ValueInfo.Max(v => Sizes(v).Fold(1L, (product, size) => product * Math.Abs(size)));
        // One weight for each pair of places: (40 x 40)^2.
        Assert.Equal(40L * 40 * 40 * 40, largest);
    }

    [Fact]
    public void Weights_beside_the_model_give_the_same_numbers_and_an_export_inside_removes_them()
    {
        using var module = new Compiled(Small, new Options()).WithDrawnWeights();
        var arguments = module.DrawnArguments(2).ToMany();
        var beside = OnnxExport
            .Write(Small, module.NumbersOf, At("m.onnx"), new(WeightsBeside: true))
            .IfLeft(e => throw new InvalidOperationException($"{e}"));
        Assert.Equal(Some(At("m.onnx.data")), beside.Data);
        Assert.Equal(new FileInfo(At("m.onnx")).Length + new FileInfo(At("m.onnx.data")).Length, beside.Bytes);
        var first = Run(arguments);

        var inside = OnnxExport
            .Write(Small, module.NumbersOf, At("m.onnx"), new())
            .IfLeft(e => throw new InvalidOperationException($"{e}"));
        Assert.Equal([At("m.onnx")], Directory.GetFiles(folder));
        Assert.True(inside.Data.IsNone && inside.Unneeded.IsEmpty);
        Assert.True(first.equal(Run(arguments)).all().item<bool>());
    }

    private Tensor Run(Many<Tensor> arguments)
    {
        using var model = OnnxModel
            .Open(At("m.onnx"), threads: 1)
            .IfLeft(e => throw new InvalidOperationException($"{e}"));
        return model.Run(arguments).IfLeft(e => throw new InvalidOperationException($"{e}")).Head;
    }

    [Fact]
    public void What_cannot_be_exported_is_one_error()
    {
        Node x = new(new Input("x", new Shape(new(Axis.Batch, 1), new(Axis.Channel, 2))));
        Node w = new(
            new Parameter("w", new Shape(new Dimension(Axis.Channel, 2)), new Initializer.Fill(0), Role.Weight)
        );
        var sum = Graph.Of("sum", x + w);
        Assert.Equal(
            "Own has no form in ONNX",
            What(OnnxExport.Bytes(Graph.Of("own", new(new Own(), x)), Ones, new()))
        );
        Assert.Equal("3 numbers for [2]", What(OnnxExport.Bytes(sum, _ => new double[3], new())));
        Assert.Equal("no weights", What(OnnxExport.Bytes(sum, _ => new Error("no weights"), new())));
        Assert.Equal(
            "1e+05 does not fit into float16",
            What(OnnxExport.Bytes(sum, _ => new double[] { 1, 1e5 }, new(OnnxPrecision.Float16)))
        );
        Assert.Contains("called x", What(OnnxExport.Bytes(sum, Ones, new(Output: "x"))), StringComparison.Ordinal);
        Assert.NotEqual("", What(OnnxExport.Write(sum, Ones, Path.Combine(folder, "nowhere", "m.onnx"), new())));

        static string What<T>(Either<Error, T> outcome) => outcome.Match(Right: _ => "", Left: error => error.What);
    }

    [Fact]
    public void A_file_that_is_no_model_is_one_error_of_the_runtime()
    {
        File.WriteAllText(At("text.onnx"), "no model at all");
        var unknown = Model(Small);
        unknown.Graph.Node[0].OpType = "Unheard";
        File.WriteAllBytes(At("unknown.onnx"), unknown.ToByteArray());
        foreach (var file in (string[])["text.onnx", "unknown.onnx", "gone.onnx"])
            Assert.Equal(At(file), OnnxModel.Open(At(file)).Match(Right: _ => "it opens", Left: e => e.Where));
        var bytes = OnnxExport.Bytes(Small, Ones, new()).IfLeft([]);
        using var model = OnnxModel.Open(bytes).IfLeft(e => throw new InvalidOperationException($"{e}"));
        Assert.True(model.Run([zeros(1, 3, 96, 96)]).IsLeft);
        Assert.True(model.Run([zeros(1, 3, 95, 96), ones(1, 12)]).IsLeft);
    }

    private sealed record Own : Operation
    {
        public override Inferred Infer(Many<Shape> operands) => operands[0];
    }
}

internal static class Dimensions
{
    public static bool HasDimValue(this TensorShapeProto.Types.Dimension dimension) =>
        dimension.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue;
}
