using global::Onnx;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Onnx.Writing;

/// <summary>Where the numbers of parameters go: into the model's file, or into one beside it.</summary>
internal interface IParameterStore
{
    /// <summary>An initialiser with these bytes.</summary>
    TensorProto Add(string name, DataType type, Many<long> sizes, byte[] bytes);
}

/// <summary>Parameters inside the model's file, which holds 2 GB at most.</summary>
internal sealed class InsideStore(long size) : IParameterStore
{
    /// <summary>How many bytes of weights go inside: the format's bound is 2 GiB, the graph included.</summary>
    public const long Most = 2_000_000_000;

    public Option<Error> Refusal =>
        size <= Most
            ? None
            : new Error(
                $"{size / 1_000_000} MB of weights",
                "the ONNX model",
                "write it to a file: the weights then go beside it"
            );

    public TensorProto Add(string name, DataType type, Many<long> sizes, byte[] bytes) =>
        Elements.Tensor(name, type, sizes, bytes);
}

/// <summary>Parameters in a file beside the model's.</summary>
internal sealed class BesideStore(string path, string location) : IParameterStore, IDisposable
{
    // Runtimes map the file into memory page by page.
    private const int Page = 4096;

    private readonly FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.None);

    public TensorProto Add(string name, DataType type, Many<long> sizes, byte[] bytes)
    {
        file.Write(new byte[(Page - (int)(file.Position % Page)) % Page]);
        var tensor = new TensorProto
        {
            Name = name,
            DataType = (int)type,
            DataLocation = DataLocation.External,
        };
        tensor.Dims.AddRange(sizes);
        Add("location", location);
        Add("offset", $"{file.Position}");
        Add("length", $"{bytes.Length}");
        file.Write(bytes);
        return tensor;

        void Add(string key, string value) =>
            tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
    }

    public void Dispose() => file.Dispose();
}
