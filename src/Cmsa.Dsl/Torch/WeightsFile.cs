using Cmsa.Pickle;
using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>A tensor in a file.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Type">The type of its elements; none where it is one that TorchSharp cannot hold.</param>
/// <param name="Sizes">The lengths of its axes, outermost first.</param>
public sealed record StoredTensor(string Name, Option<ScalarType> Type, Many<long> Sizes)
{
    /// <summary>
    /// Why the tensor cannot be read (a type that is not supported, a sparse tensor); empty where it can.
    /// </summary>
    public string Unread { get; init; } = "";

    /// <summary>Name, type and lengths.</summary>
    public override string ToString() => $"{Name} {Type.Match(type => $"{type}", () => "unread")} {Sizes}";
}

/// <summary>A tensor of a file with its elements, where they can be read.</summary>
/// <param name="Tensor">What it is.</param>
/// <param name="Elements">Its elements; null where it cannot be read.</param>
internal sealed record Listed(StoredTensor Tensor, Stored? Elements)
{
    /// <summary>A tensor that can be read, unless it is too large for its file.</summary>
    public static Listed Of(string name, Stored elements, long stored)
    {
        var tensor = new StoredTensor(name, elements.Type, elements.Sizes) { Unread = elements.TooLarge(stored) };
        return new(tensor, tensor.Unread.Length == 0 ? elements : null);
    }

    /// <summary>A tensor that cannot be read.</summary>
    public static Listed Not(string name, Many<long> sizes, string why) =>
        new(new(name, None, sizes) { Unread = why }, null);
}

/// <summary>
/// The tensors of a file by name, whatever its format; opened by <see cref="Weights.Read"/>. A tensor is read when it
/// is requested; the file stays open until this is disposed.
/// </summary>
public sealed class WeightsFile : IDisposable
{
    private readonly Dictionary<string, Listed> tensors;
    private readonly IDisposable open;

    internal WeightsFile(string path, IEnumerable<Listed> tensors, IDisposable open)
    {
        (Path, this.open) = (path, open);
        var listed = tensors.ToArray();
        Tensors = listed.Select(t => t.Tensor).ToMany();
        this.tensors = listed.ToDictionary(t => t.Tensor.Name);
    }

    /// <summary>Where the file is.</summary>
    public string Path { get; }

    /// <summary>
    /// What is in it, in the file's order. Of a checkpoint: what is in the state dictionary that was chosen.
    /// </summary>
    public Many<StoredTensor> Tensors { get; }

    /// <summary>The texts that a .safetensors file holds beside its tensors; empty for other files.</summary>
    public HashMap<string, string> Metadata { get; internal init; }

    /// <summary>
    /// All that a .pth file holds, as inert data: the epoch, arguments and whatever else is beside the state
    /// dictionary. None for .safetensors files.
    /// </summary>
    public Option<PickleValue> Checkpoint { get; internal init; }

    /// <summary>
    /// A tensor in the type and shape that it has in the file, on the CPU; the caller disposes it. An error where there
    /// is none of this name, it cannot be read, or the disk fails.
    /// </summary>
    public Either<Error, Tensor> Read(string name) =>
        Find(name)
            .Bind(elements =>
                Weights.Guarded(
                    Path,
                    () =>
                    {
                        var tensor = empty([.. elements.Sizes], elements.Type);
                        elements.CopyTo(tensor);
                        return tensor;
                    }
                )
            );

    /// <summary>The elements of a tensor, or why they cannot be read.</summary>
    private Either<Error, Stored> Find(string name)
    {
        if (!tensors.TryGetValue(name, out var listed))
            return new Error($"there is no tensor {name}", Path, Nearest.Hint(name, tensors.Keys));
        return listed.Elements is { } elements ? elements : Refusal(listed.Tensor);
    }

    /// <summary>Why a tensor cannot be read.</summary>
    internal Error Refusal(StoredTensor tensor) =>
        new(
            $"tensor {tensor.Name} cannot be read: {tensor.Unread}",
            Path,
            "save it in another form, or leave it out with a mapping"
        );

    /// <summary>Copies a tensor that can be read into one of the same shape, of any type and device.</summary>
    internal void CopyTo(string name, Tensor target) => tensors[name].Elements!.CopyTo(target);

    /// <inheritdoc/>
    public void Dispose() => open.Dispose();
}
