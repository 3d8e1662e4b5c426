using System.Buffers.Binary;
using global::Onnx;
using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;
using static TorchSharp.torch;
using DataType = global::Onnx.TensorProto.Types.DataType;

namespace Cmsa.Dsl.Onnx.Tests.Conformance;

/// <summary>
/// One of ONNX's own test cases: a model of one operator, what it is given and what it must give. Debian has them as
/// <c>libonnx-testdata</c>.
/// </summary>
/// <param name="Name">The case's name, such as <c>node/test_conv_with_autopad_same</c>.</param>
/// <param name="Operator">The operator, with its attributes.</param>
/// <param name="Inputs">What the operator is given, in its order; none where an input is left out.</param>
/// <param name="Outputs">What it must give, in its order; none where an output is left out.</param>
/// <param name="Opset">The version of the operators.</param>
internal sealed record OnnxCase(
    string Name,
    NodeProto Operator,
    Many<Option<Tensor>> Inputs,
    Many<Option<Tensor>> Outputs,
    long Opset
)
{
    /// <summary>The folder of the cases.</summary>
    public const string Root = "/usr/share/libonnx-testdata/data";

    private static readonly Many<string> suites = ["node", "pytorch-operator", "pytorch-converted"];

    /// <summary>Whether the cases are on this machine.</summary>
    public static bool AreThere => Directory.Exists(Path.Combine(Root, suites[0]));

    /// <summary>The names of all cases.</summary>
    public static Many<string> Names { get; } =
        AreThere
            ? suites
                .Bind(suite => Directory.GetDirectories(Path.Combine(Root, suite)).Order(StringComparer.Ordinal).ToMany())
                .Filter(folder => File.Exists(Path.Combine(folder, "model.onnx")))
                .Map(folder => Path.GetRelativePath(Root, folder))
            : [];

    /// <summary>A case read; why not where it is no case of one operator over tensors.</summary>
    public static Either<string, OnnxCase> Read(string name)
    {
        var folder = Path.Combine(Root, name);
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(folder, "model.onnx")));
        if (model.Graph.Node.Count != 1)
            return "several operators";
        var node = model.Graph.Node[0];
        var known = model.Graph.Initializer.ToDictionary(t => t.Name, Read);
        var given = model.Graph.Input.Where(i => !known.ContainsKey(i.Name)).Select(i => i.Name).ToMany();
        for (var i = 0; i < given.Count; i++)
            known[given[i]] = Read(Path.Combine(folder, "test_data_set_0"), $"input_{i}.pb");
        for (var i = 0; i < model.Graph.Output.Count; i++)
            known[model.Graph.Output[i].Name] = Read(Path.Combine(folder, "test_data_set_0"), $"output_{i}.pb");
        var names = node.Input.Concat(node.Output).Where(n => n.Length > 0).ToMany();
        if (names.Exists(n => !known.ContainsKey(n) || known[n].IsNone))
            return "values that are no tensors of numbers";
        var opset = model.OpsetImport.Where(o => o.Domain is "" or "ai.onnx").Select(o => o.Version).DefaultIfEmpty(1).Max();
        return new OnnxCase(name, node, node.Input.ToMany().Map(Of), node.Output.ToMany().Map(Of), opset);

        Option<Tensor> Of(string value) => value.Length == 0 ? None : known[value];
    }

    private static Option<Tensor> Read(string folder, string file)
    {
        var path = Path.Combine(folder, file);
        if (!File.Exists(path))
            return None;
        try
        {
            return Read(TensorProto.Parser.ParseFrom(File.ReadAllBytes(path)));
        }
        catch (Google.Protobuf.InvalidProtocolBufferException)
        {
            return None;
        }
    }

    // Numbers as float64, whole numbers as int64.
    private static Option<Tensor> Read(TensorProto tensor)
    {
        var sizes = tensor.Dims.ToArray();
        var bytes = tensor.RawData.ToByteArray();
        return (DataType)tensor.DataType switch
        {
            DataType.Float => Made(
                tensor.FloatData.Count > 0
                    ? tensor.FloatData.Select(f => (double)f)
                    : Each(4, at => (double)BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(at)))
            ),
            DataType.Double => Made(
                tensor.DoubleData.Count > 0
                    ? tensor.DoubleData
                    : Each(8, at => BinaryPrimitives.ReadDoubleLittleEndian(bytes.AsSpan(at)))
            ),
            DataType.Int64 => Whole(
                tensor.Int64Data.Count > 0
                    ? tensor.Int64Data
                    : Each(8, at => BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at)))
            ),
            DataType.Int32 => Whole(
                tensor.Int32Data.Count > 0
                    ? tensor.Int32Data.Select(i => (long)i)
                    : Each(4, at => (long)BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at)))
            ),
            DataType.Bool => Truths(
                tensor.Int32Data.Count > 0 ? tensor.Int32Data.Select(i => i != 0) : bytes.Select(b => b != 0)
            ),
            _ => None,
        };

        IEnumerable<T> Each<T>(int size, Func<int, T> read) =>
            Enumerable.Range(0, bytes.Length / size).Select(i => read(i * size));

        // A file may hold a sequence, whose bytes read as a tensor that does not fit its own sizes.
        bool Fits(int count) => sizes.Aggregate(1L, (all, size) => all * size) == count;

        Option<Tensor> Made(IEnumerable<double> numbers) =>
            numbers.ToArray() is var all && Fits(all.Length) ? Some(torch.tensor(all, sizes)) : None;

        Option<Tensor> Whole(IEnumerable<long> numbers) =>
            numbers.ToArray() is var all && Fits(all.Length) ? Some(torch.tensor(all, sizes)) : None;

        Option<Tensor> Truths(IEnumerable<bool> truths) =>
            truths.ToArray() is var all && Fits(all.Length) ? Some(torch.tensor(all, sizes)) : None;
    }

    /// <summary>An input that must be there.</summary>
    public Tensor Input(int i) => Inputs[i].IfNone(() => throw new InvalidOperationException($"{Name} has no input {i}"));

    /// <summary>An input that may be left out.</summary>
    public Option<Tensor> Maybe(int i) => i < Inputs.Count ? Inputs[i] : None;

    /// <summary>A whole number among the attributes.</summary>
    public long Long(string name, long otherwise) => Find(name).Map(a => a.I).IfNone(otherwise);

    /// <summary>A number among the attributes.</summary>
    public double Real(string name, double otherwise) => Find(name).Map(a => (double)a.F).IfNone(otherwise);

    /// <summary>A text among the attributes.</summary>
    public string Text(string name, string otherwise) => Find(name).Map(a => a.S.ToStringUtf8()).IfNone(otherwise);

    /// <summary>Whole numbers among the attributes; none where there is no such attribute.</summary>
    public Many<int> Ints(string name) => Find(name).Map(a => a.Ints.Select(i => (int)i).ToMany()).IfNone([]);

    /// <summary>Whether there is an attribute.</summary>
    public bool Has(string name) => Find(name).IsSome;

    private Option<AttributeProto> Find(string name) => Operator.Attribute.ToMany().Find(a => a.Name == name);
}
