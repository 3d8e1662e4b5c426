using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Onnx.Lowerings;
using Cmsa.Dsl.Onnx.Writing;
using Google.Protobuf;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Onnx;

/// <summary>
/// Graphs as ONNX models: every operation becomes operators of opset 18, the batch stays dynamic, and every other size
/// is fixed. Parameters keep their paths as
/// names. An optimised graph stays optimised; choose its rules for <see cref="Processor.Gpu"/>, since tiles and memory
/// layouts are the runtime's business.
/// </summary>
public static class OnnxExport
{
    /// <summary>The version of ONNX's operators that is written.</summary>
    public const int Opset = 18;

    /// <summary>A graph as the bytes of an ONNX model, weights inside.</summary>
    /// <param name="graph">The graph, rewritten or not.</param>
    /// <param name="values">The numbers of its parameters.</param>
    /// <param name="options">How it is written.</param>
    /// <returns>The bytes; an error where an operation has no form in ONNX, or the weights exceed 2 GB.</returns>
    public static Either<Error, byte[]> Bytes(Graph graph, ParameterValues values, OnnxOptions options)
    {
        var inside = new InsideStore(Size(graph, options));
        return from fits in inside.Refusal.Match(Left<Error, Unit>, () => Right(unit))
               from model in ModelWriter.Write(graph, values, options, inside)
               select model.ToByteArray();
    }

    /// <summary>Writes a graph as an ONNX model. The file appears as a whole or not at all.</summary>
    /// <param name="graph">The graph, rewritten or not.</param>
    /// <param name="values">The numbers of its parameters.</param>
    /// <param name="path">
    /// Where to; its folder exists. Weights that go beside it go to the same path with <c>.data</c> at its end.
    /// </param>
    /// <param name="options">How it is written.</param>
    /// <returns>
    /// What was written; an error where an operation has no form in ONNX or the file cannot be written.
    /// </returns>
    public static Either<Error, OnnxFile> Write(Graph graph, ParameterValues values, string path, OnnxOptions options)
    {
        try
        {
            return options.WeightsBeside || Size(graph, options) > InsideStore.Most
                ? Beside(graph, values, path, options)
                : Inside(graph, values, path, options);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return new Error(refused.Message.TrimEnd('.'), path);
        }
    }

    private static Either<Error, OnnxFile> Inside(
        Graph graph,
        ParameterValues values,
        string path,
        OnnxOptions options
    ) =>
        ModelWriter
            .Write(graph, values, options, new InsideStore(0))
            .Map(model =>
            {
                Replace(path, model.WriteTo);
                // Weights of an earlier export would only mislead.
                File.Delete(DataOf(path));
                return Written(graph, model, path, None);
            });

    private static Either<Error, OnnxFile> Beside(Graph graph, ParameterValues values, string path, OnnxOptions options)
    {
        var data = DataOf(path);
        var open = $"{data}.new";
        try
        {
            using var store = new BesideStore(open, Path.GetFileName(data));
            return ModelWriter
                .Write(graph, values, options, store)
                .Map(model =>
                {
                    store.Dispose();
                    File.Move(open, data, overwrite: true);
                    Replace(path, model.WriteTo);
                    return Written(graph, model, path, data);
                });
        }
        finally
        {
            File.Delete(open);
        }
    }

    private static string DataOf(string path) => $"{path}.data";

    private static void Replace(string path, Action<Stream> write)
    {
        var open = $"{path}.new";
        try
        {
            using (var file = new FileStream(open, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }
            File.Move(open, path, overwrite: true);
        }
        finally
        {
            File.Delete(open);
        }
    }

    private static OnnxFile Written(Graph graph, global::Onnx.ModelProto model, string path, Option<string> data)
    {
        var names = model.Graph.Initializer.Select(i => i.Name).ToHashSet();
        var bytes = new FileInfo(path).Length + data.Map(d => new FileInfo(d).Length).IfNone(0);
        return new(
            path,
            data,
            bytes,
            model.Graph.Node.Count,
            graph.Parameters.Map(p => p.Path).Filter(p => !names.Contains(p))
        );
    }

    private static long Size(Graph graph, OnnxOptions options)
    {
        var each = Elements.SizeOf(ModelWriter.Real(options.Precision));
        return graph.Nodes.Choose(n => Optional(n.Operation as Parameter)).Distinct().Sum(p => p.Of.Count * each);
    }
}
