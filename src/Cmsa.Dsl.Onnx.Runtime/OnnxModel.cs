using System.Runtime.InteropServices;
using LanguageExt;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Onnx.Runtime;

/// <summary>An input or output of an ONNX model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of its elements in TorchSharp.</param>
/// <param name="Sizes">The lengths of its axes; -1 where any fits, such as the batch's.</param>
public sealed record Port(string Name, ScalarType Type, Many<long> Sizes);

/// <summary>An ONNX model that ONNX Runtime runs on the CPU. May be run by several threads at once.</summary>
public sealed class OnnxModel : IDisposable
{
    private readonly InferenceSession session;

    private OnnxModel(string path, InferenceSession session)
    {
        (Path, this.session) = (path, session);
        Inputs = PortsOf(session.InputMetadata);
        Outputs = PortsOf(session.OutputMetadata);
        Metadata = toHashMap(session.ModelMetadata.CustomMetadataMap.Select(m => (m.Key, m.Value)));
    }

    /// <summary>The file; a name where the model is not from one.</summary>
    public string Path { get; }

    /// <summary>What it takes, in order.</summary>
    public Many<Port> Inputs { get; }

    /// <summary>What it gives, in order.</summary>
    public Many<Port> Outputs { get; }

    /// <summary>What else the file says.</summary>
    public HashMap<string, string> Metadata { get; }

    /// <summary>A model from a file.</summary>
    /// <param name="path">The file; weights in files beside it are found by themselves.</param>
    /// <param name="threads">How many threads one run uses; 0 for one a core.</param>
    /// <returns>
    /// The model, to be disposed; an error where the file is no ONNX model, or has operators that ONNX Runtime does not
    /// know.
    /// </returns>
    public static Either<Error, OnnxModel> Open(string path, int threads = 0)
    {
        if (!File.Exists(path))
            return new Error(
                "there is no such file",
                path,
                "give an .onnx file, such as cmsa export --format onnx writes"
            );
        return Opened(path, threads, options => new InferenceSession(path, options));
    }

    /// <summary>A model from the bytes of a file.</summary>
    /// <inheritdoc cref="Open(string, int)"/>
    public static Either<Error, OnnxModel> Open(byte[] model, int threads = 0) =>
        Opened("the model", threads, options => new InferenceSession(model, options));

    private static Either<Error, OnnxModel> Opened(
        string path,
        int threads,
        Func<SessionOptions, InferenceSession> open
    )
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        if (threads > 0)
            options.IntraOpNumThreads = threads;
        return Guarded(
            path,
            "the file is no ONNX model that ONNX Runtime can run",
            () => new OnnxModel(path, open(options))
        );
    }

    /// <summary>Runs the model on a batch.</summary>
    /// <param name="arguments">One tensor for each input, in order, batch first; real numbers in any precision.</param>
    /// <returns>
    /// One tensor for each output, the caller's to dispose; an error where they are not the model's inputs.
    /// </returns>
    public Either<Error, Many<Tensor>> Run(params Many<Tensor> arguments)
    {
        if (arguments.Count != Inputs.Count)
            return new Error(
                $"{arguments.Count} arguments; the model takes {string.Join(", ", Inputs.Map(i => $"{i.Name} {i.Sizes}"))}",
                Path
            );
        return Guarded(
            Path,
            "the model does not run",
            () =>
            {
                var given = Inputs.Zip(arguments, Give);
                try
                {
                    using var options = new RunOptions();
                    using var results = session.Run(
                        options,
                        [.. Inputs.Map(i => i.Name)],
                        [.. given],
                        [.. Outputs.Map(o => o.Name)]
                    );
                    return results.Select(Taken).ToMany();
                }
                finally
                {
                    foreach (var value in given)
                        value.Dispose();
                }
            }
        );
    }

    private static Either<Error, T> Guarded<T>(string path, string what, Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception refused) when (refused is OnnxRuntimeException or NotSupportedException)
        {
            return new Error($"{what}: {refused.Message.Split('\n')[0].Trim().TrimEnd('.')}", path);
        }
    }

    private static OrtValue Give(Port port, Tensor argument)
    {
        using var scope = NewDisposeScope();
        var tensor = argument.detach().cpu().to(port.Type).contiguous();
        return port.Type switch
        {
            ScalarType.Float64 => Held<double>(tensor),
            ScalarType.Int64 => Held<long>(tensor),
            ScalarType.Bool => Held<bool>(tensor),
            _ => Held<float>(tensor),
        };
    }

    private static OrtValue Held<T>(Tensor tensor)
        where T : unmanaged => OrtValue.CreateTensorValueFromMemory(tensor.data<T>().ToArray(), tensor.shape);

    private static Tensor Taken(OrtValue value)
    {
        var info = value.GetTensorTypeAndShape();
        var tensor = empty(info.Shape, TypeOf(info.ElementDataType));
        value.GetTensorMutableRawData().CopyTo(tensor.bytes);
        return tensor;
    }

    private static Many<Port> PortsOf(IReadOnlyDictionary<string, NodeMetadata> ports) =>
        ports
            .Select(p => new Port(
                p.Key,
                TypeOf(p.Value.ElementDataType),
                p.Value.Dimensions.Select(d => (long)d).ToMany()
            ))
            .ToMany();

    private static ScalarType TypeOf(Microsoft.ML.OnnxRuntime.Tensors.TensorElementType type) =>
        type switch
        {
            Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float => ScalarType.Float32,
            Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Double => ScalarType.Float64,
            Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Int64 => ScalarType.Int64,
            Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Bool => ScalarType.Bool,
            _ => throw new NotSupportedException($"elements of {type} are not read"),
        };

    /// <inheritdoc/>
    public void Dispose() => session.Dispose();
}
