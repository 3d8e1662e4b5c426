using Cmsa.Dsl.Onnx.Reading;
using Google.Protobuf;
using LanguageExt;
using Onnx;

namespace Cmsa.Dsl.Onnx.Tests;

/// <summary>Weights of ONNX files: read by name or by the order of layers; what is refused.</summary>
public sealed class ReadingTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cmsa-onnx").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string At(string file) => Path.Combine(folder, file);

    private static readonly ResNet thin = ResNet.Of50 with { Width = 4, Blocks = [2, 1, 1, 1] };

    private static Graph Backbone(ResNet network) =>
        network
            .Tapped("res5")
            .Named("backbone")
            .At(InputSpec.Image(64, 64))
            .IfFail(e => throw new InvalidOperationException($"{e}"));

    // The numbers say which parameter they are of.
    private static Either<Error, double[]> Numbers(Parameter parameter)
    {
        var start = (double)parameter.Path.Sum(c => c);
        return Enumerable.Range(0, (int)parameter.Of.Count).Select(i => start + i).ToArray();
    }

    private static ModelProto Model(Graph graph) =>
        ModelProto.Parser.ParseFrom(
            OnnxExport.Bytes(graph, Numbers, new()).IfLeft(e => throw new InvalidOperationException($"{e}"))
        );

    private string Written(string name, ModelProto model)
    {
        File.WriteAllBytes(At(name), model.ToByteArray());
        return At(name);
    }

    // The same model with names as an exporter invents them.
    private static ModelProto Anonymous(Graph graph)
    {
        var model = Model(graph);
        var names = model
            .Graph.Initializer.Select((t, i) => (t.Name, New: $"onnx::{i}"))
            .ToDictionary(n => n.Name, n => n.New);
        foreach (var tensor in model.Graph.Initializer)
            tensor.Name = names[tensor.Name];
        foreach (var node in model.Graph.Node)
            for (var i = 0; i < node.Input.Count; i++)
                node.Input[i] = names.GetValueOrDefault(node.Input[i], node.Input[i]);
        return model;
    }

    private static OnnxWeights Read(string path) =>
        OnnxWeights.Read(path).IfLeft(e => throw new InvalidOperationException($"{e}"));

    private static string What<T>(Either<Error, T> outcome) => outcome.Match(Right: _ => "", Left: error => $"{error}");

    private static float First(OnnxTensor tensor) => BitConverter.ToSingle(tensor.Bytes.Span);

    [Fact]
    public void Every_initialiser_is_read_by_name()
    {
        var graph = Backbone(thin);
        var read = Read(Written("m.onnx", Model(graph))).Tensors.ToDictionary(t => t.Name);
        foreach (var parameter in graph.Parameters)
        {
            Assert.Equal(parameter.Of.Dimensions.Map(d => (long)d.Size), read[parameter.Path].Sizes);
            Assert.Equal(parameter.Path.Sum(c => c), First(read[parameter.Path]));
        }
    }

    [Fact]
    public void Layers_are_found_by_their_order_where_names_say_nothing()
    {
        var graph = Backbone(thin);
        var file = Read(Written("m.onnx", Anonymous(graph)));
        var names = file.InOrder(graph, _ => true).IfLeft(e => throw new InvalidOperationException($"{e}"));
        Assert.Equal(graph.Parameters.Map(p => p.Path).Order(), names.Map(n => n.Key).Order());
        foreach (var (path, name) in names)
            Assert.Equal(
                path.Sum(c => c),
                First(file.Tensors.Find(t => t.Name == name).IfNone(() => throw new InvalidOperationException(name)))
            );
    }

    [Fact]
    public void A_shortcut_that_the_file_computes_first_is_found_all_the_same()
    {
        var graph = Backbone(thin);
        var model = Anonymous(graph);
        // Convolutions and batch norms of shortcuts first, as Caffe's networks have them: as early as their arguments
        // allow.
        var nodes = model.Graph.Node.Reverse().ToList();
        model.Graph.Node.Clear();
        var made = model
            .Graph.Initializer.Select(i => i.Name)
            .Concat(model.Graph.Input.Select(i => i.Name))
            .ToHashSet();
        while (nodes.Find(n => n.Input.All(made.Contains)) is { } next)
        {
            nodes.Remove(next);
            model.Graph.Node.Add(next);
            made.UnionWith(next.Output);
        }
        Assert.Empty(nodes);
        var file = Read(Written("m.onnx", model));
        var names = file.InOrder(graph, _ => true).IfLeft(e => throw new InvalidOperationException($"{e}"));
        foreach (var (path, name) in names)
            Assert.Equal(
                path.Sum(c => c),
                First(file.Tensors.Find(t => t.Name == name).IfNone(() => throw new InvalidOperationException(name)))
            );
    }

    [Fact]
    public void Layers_that_are_not_the_models_are_one_error()
    {
        var graph = Backbone(thin);
        Assert.Contains(
            "has no place in the model",
            What(Read(Written("w.onnx", Anonymous(Backbone(thin with { Width = 8 })))).InOrder(graph, _ => true)),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "has no place in the model",
            What(
                Read(Written("n.onnx", Anonymous(Backbone(thin with { Blocks = [1, 1, 1, 1] }))))
                    .InOrder(graph, _ => true)
            ),
            StringComparison.Ordinal
        );

        var unknown = Anonymous(graph);
        unknown.Graph.Node[2].OpType = "Unheard";
        Assert.Contains(
            "the operator Unheard is not known",
            What(Read(Written("u.onnx", unknown)).InOrder(graph, _ => true)),
            StringComparison.Ordinal
        );

        var folded = Anonymous(graph);
        foreach (var node in folded.Graph.Node.Where(n => n.OpType == "BatchNormalization"))
            node.OpType = "Relu";
        Assert.Contains(
            "were folded into the convolutions",
            What(Read(Written("f.onnx", folded)).InOrder(graph, _ => true)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_is_no_onnx_file_is_one_error()
    {
        var whole = Model(Backbone(thin)).ToByteArray();
        File.WriteAllText(At("text.onnx"), "no weights at all");
        File.WriteAllBytes(At("empty.onnx"), []);
        File.WriteAllBytes(At("cut.onnx"), whole[..(whole.Length / 2)]);
        foreach (var file in (string[])["text.onnx", "empty.onnx", "cut.onnx"])
            Assert.Equal(
                $"{At(file)}: the file is no ONNX model, or is cut off; copy it again, or export it again",
                What(OnnxWeights.Read(At(file)))
            );
        Assert.Contains("there is no such file", What(OnnxWeights.Read(At("gone.onnx"))), StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_that_are_not_of_their_size_are_one_error()
    {
        var model = Model(Backbone(thin));
        model.Graph.Initializer[3].Dims[0]++;
        Assert.Contains(
            "bytes for Float32",
            What(OnnxWeights.Read(Written("m.onnx", model))),
            StringComparison.Ordinal
        );
        model.Graph.Initializer[3].Dims[0] = -1;
        Assert.Contains(
            "are no shape of a tensor",
            What(OnnxWeights.Read(Written("m.onnx", model))),
            StringComparison.Ordinal
        );
        model.Graph.Initializer[3].Dims[0] = long.MaxValue;
        Assert.Contains(
            "are no shape of a tensor",
            What(OnnxWeights.Read(Written("m.onnx", model))),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Typed_elements_are_read_as_raw_ones_are()
    {
        var model = Model(Backbone(thin));
        var raw = model.Graph.Initializer[1];
        var numbers = Enumerable
            .Range(0, raw.RawData.Length / 4)
            .Select(i => BitConverter.ToSingle(raw.RawData.Span[(4 * i)..]))
            .ToArray();
        var expected = raw.RawData.ToByteArray();
        raw.RawData = ByteString.Empty;
        raw.FloatData.AddRange(numbers);
        Assert.Equal(expected, Read(Written("m.onnx", model)).Tensors[1].Bytes.ToArray());
    }

    [Fact]
    public void Data_beside_the_model_is_read()
    {
        var graph = Backbone(thin);
        Assert.True(OnnxExport.Write(graph, Numbers, At("m.onnx"), new(WeightsBeside: true)).IsRight);
        Assert.All(
            Read(At("m.onnx")).Tensors.Filter(t => graph.Parameters.Exists(p => p.Path == t.Name)),
            t => Assert.Equal(t.Name.Sum(c => c), First(t))
        );
        using (var data = File.OpenWrite(At("m.onnx.data")))
            data.SetLength(data.Length / 2);
        Assert.Contains(
            "its data ends before it is complete",
            What(OnnxWeights.Read(At("m.onnx"))),
            StringComparison.Ordinal
        );
        File.Delete(At("m.onnx.data"));
        Assert.Contains("is missing: m.onnx.data", What(OnnxWeights.Read(At("m.onnx"))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../outside.data")]
    [InlineData("below/../../outside.data")]
    [InlineData("/etc/hostname")]
    [InlineData("")]
    [InlineData("link.data")]
    [InlineData("linked/outside.data")]
    public void Data_outside_the_models_folder_is_refused(string location)
    {
        var model = Directory.CreateDirectory(At("model")).FullName;
        File.WriteAllBytes(At("outside.data"), new byte[1 << 20]);
        File.CreateSymbolicLink(Path.Combine(model, "link.data"), At("outside.data"));
        Directory.CreateSymbolicLink(Path.Combine(model, "linked"), folder);
        var proto = Model(Backbone(thin));
        var tensor = proto.Graph.Initializer[0];
        tensor.RawData = ByteString.Empty;
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
        Assert.Contains(
            "outside the model's folder",
            What(OnnxWeights.Read(Written("model/m.onnx", proto))),
            StringComparison.Ordinal
        );
    }
}
