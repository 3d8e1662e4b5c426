using Cmsa.Dsl.Torch;
using LanguageExt;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Runs;

/// <summary>
/// Named tensors and texts in a .safetensors file, with a digest of the numbers among the texts, so that what is
/// damaged is not taken for what was learnt.
/// </summary>
internal static class TensorFile
{
    /// <summary>The name of the text that is the digest.</summary>
    public const string Digest = "digest";

    /// <summary>Writes a file as <see cref="Weights.Write"/> does.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">The tensors by name.</param>
    /// <param name="texts">What else is to be kept.</param>
    /// <param name="open">Opens a file for writing; the file system's own way unless a test gives another.</param>
    public static Either<Error, Unit> Write(
        string path,
        IReadOnlyList<(string Name, Tensor Tensor)> tensors,
        IReadOnlyDictionary<string, string> texts,
        Func<string, Stream>? open = null
    ) =>
        Weights.Write(
            path,
            tensors,
            toHashMap(
                texts.Select(t => (t.Key, t.Value)).Append((Digest, Weights.Digest(tensors.Select(t => t.Tensor))))
            ),
            open
        );

    /// <summary>What a file holds. The tensors are the caller's to dispose.</summary>
    public sealed record Contents(
        IReadOnlyDictionary<string, Tensor> Tensors,
        IReadOnlyDictionary<string, string> Texts
    ) : IDisposable
    {
        public void Dispose()
        {
            foreach (var tensor in Tensors.Values)
                tensor.Dispose();
        }
    }

    /// <summary>
    /// Reads a file; an error that names it where there is none, or it is cut off, damaged or something else.
    /// </summary>
    public static Either<Error, Contents> Read(string path) =>
        !File.Exists(path)
            ? new Error("there is no such file", path)
            : Weights
                .Read(path)
                .Bind(file =>
                {
                    using (file)
                        return file
                            .Tensors.Fold(
                                Right<Error, Many<(string Name, Tensor Tensor)>>([]),
                                (so, stored) =>
                                    so.Bind(read =>
                                        file.Read(stored.Name)
                                            .Map(tensor => read.Add((stored.Name, tensor.DetachFromDisposeScope())))
                                    )
                            )
                            .Map(read => new Contents(read.ToDictionary(t => t.Name, t => t.Tensor), Said(file)));
                })
                .MapLeft(_ => Damaged(path))
                .Bind(contents =>
                    !contents.Texts.TryGetValue(Digest, out var digest)
                    || digest == Weights.Digest(contents.Tensors.Values)
                        ? Right<Error, Contents>(contents)
                        : Refused(contents, path)
                );

    /// <summary>
    /// The texts of a file, its digest among them under <c>digest</c>, without reading its tensors; none where there is
    /// no such file or it does not begin like one.
    /// </summary>
    public static Option<IReadOnlyDictionary<string, string>> Texts(string path) =>
        Weights
            .Read(path)
            .ToOption()
            .Map(file =>
            {
                using (file)
                    return (IReadOnlyDictionary<string, string>)Said(file);
            });

    private static Dictionary<string, string> Said(WeightsFile file) =>
        file.Metadata.AsEnumerable().ToDictionary(t => t.Key, t => t.Value);

    private static Either<Error, Contents> Refused(Contents contents, string path)
    {
        contents.Dispose();
        return Damaged(path);
    }

    private static Error Damaged(string path) =>
        new("the file is cut off or damaged", path, "go back to an earlier checkpoint, or train again");
}
