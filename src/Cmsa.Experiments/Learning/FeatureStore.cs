using System.Security.Cryptography;
using System.Text;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Runs;
using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Learning;

/// <summary>
/// A frozen backbone's results for each picture, kept on disk in bfloat16: a file for each picture, named by its pixels,
/// the frozen weights and the graph between them. A file is written under a name of its own and moved to its place, so
/// that one that was cut off is never read, and threads and trainings that keep the same picture do not meet; one that is
/// damaged is computed again. Trainings at one time each count their own files against the bound.
/// </summary>
internal sealed class FeatureStore
{
    private const string Ending = ".safetensors";

    private readonly string folder;
    private readonly long limit;
    private readonly string model;
    private readonly Action<Error> told;
    private readonly Lock gate = new();
    private long bytes;
    private bool isFull;

    private FeatureStore(string folder, long limit, string model, Action<Error> told) =>
        (this.folder, this.limit, this.model, this.told) = (folder, limit, model, told);

    /// <summary>The store of a model's features; an error where the folder cannot be made or read.</summary>
    /// <param name="folder">The folder of all features.</param>
    /// <param name="limit">How many bytes the files of the folder may take.</param>
    /// <param name="module">The model; its frozen weights are those that it is trained with.</param>
    /// <param name="told">Told what was not kept, and what was damaged.</param>
    public static Either<Error, FeatureStore> Open(string folder, long limit, Compiled module, Action<Error> told) =>
        Failures.Try(
            folder,
            () =>
            {
                Directory.CreateDirectory(folder);
                var files = new DirectoryInfo(folder).GetFiles();
                // What a training that was killed has left half written.
                foreach (var left in files.Where(f => f.Extension != Ending && f.LastWriteTimeUtc < LongAgo))
                    left.Delete();
                return new FeatureStore(folder, limit, module.FeaturesKey(inputs: 1), told)
                {
                    bytes = files.Sum(f => f.Exists ? f.Length : 0),
                };
            }
        );

    /// <summary>The name of a picture's pixels.</summary>
    /// <param name="pixels">The numbers that the model takes.</param>
    public static string NameOf(float[] pixels) =>
        Convert.ToHexStringLower(SHA256.HashData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(pixels.AsSpan())));

    /// <summary>
    /// The features of pictures: those that are kept, and the others computed and kept. All are rounded to bfloat16, so
    /// that it does not matter which were there.
    /// </summary>
    /// <param name="module">The model, or a copy of it.</param>
    /// <param name="pixels">The pictures, <c>[pictures, 3, side, side]</c>.</param>
    /// <param name="names">The name of each.</param>
    /// <returns>The features, in order; the caller's to dispose.</returns>
    public Features Of(Compiled module, Tensor pixels, Many<string> names)
    {
        using var scope = NewDisposeScope();
        var each = Many.Range(names.Count).Map(i => Of(module, pixels.narrow(0, i, 1), names[i]));
        var together = Features.Together(each);
        foreach (var one in each)
            one.Dispose();
        return together;
    }

    private Features Of(Compiled module, Tensor picture, string name)
    {
        var path = Path.Combine(folder, $"{NameOf(name)}{Ending}");
        if (File.Exists(path) && Kept(module, path).Case is Features kept)
            return kept;
        using var computed = module.FeaturesOf(picture);
        using var scope = NewDisposeScope();
        var rounded = computed.Parts.Map(p => p.Tensor.to(ScalarType.BFloat16));
        Keep(path, rounded);
        return module.FeaturesFrom(1, rounded);
    }

    private Option<Features> Kept(Compiled module, string path) =>
        TensorFile
            .Read(path)
            .Bind(contents =>
            {
                using (contents)
                    return FeaturesIn(module, contents, path);
            })
            .Match(
                Right: Some,
                Left: wrong =>
                {
                    told(wrong with { Hint = "the features are computed again" });
                    return Option<Features>.None;
                }
            );

    private static Either<Error, Features> FeaturesIn(Compiled module, TensorFile.Contents contents, string path)
    {
        try
        {
            return module.FeaturesFrom(
                1,
                [.. contents.Tensors.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => t.Value)]
            );
        }
        catch (ArgumentException wrong)
        {
            return new Error(wrong.Message.TrimEnd('.'), path);
        }
    }

    private void Keep(string path, Many<Tensor> tensors)
    {
        var size = tensors.Total(t => t.numel() * t.element_size());
        lock (gate)
        {
            if (isFull)
                return;
            if (bytes + size > limit)
            {
                isFull = true;
                told(Full());
                return;
            }
        }
        var beside = $"{path}.{Guid.NewGuid():n}";
        var written = TensorFile
            .Write(
                beside,
                [.. Many.Range(tensors.Count).Map(i => ($"{i:00}", tensors[i]))],
                new Dictionary<string, string> { ["model"] = model }
            )
            .Bind(_ => Failures.Try(path, () => Moved(beside, path)));
        if (written.Case is not Error wrong)
            return;
        lock (gate)
        {
            if (!isFull)
                told(wrong with { Hint = "features are computed each time from here on" });
            isFull = true;
        }
    }

    // The file's bytes in the place of those that were there.
    private Unit Moved(string beside, string path)
    {
        lock (gate)
        {
            var before = new FileInfo(path);
            bytes += new FileInfo(beside).Length - (before.Exists ? before.Length : 0);
            File.Move(beside, path, overwrite: true);
            return unit;
        }
    }

    private static DateTime LongAgo => DateTime.UtcNow - TimeSpan.FromHours(1);

    private Error Full() =>
        new(
            $"the features of all pictures do not fit into {limit >> 20} MiB",
            folder,
            "the others are computed each time; raise --cache-size, or remove what other models have left there"
        );

    private string NameOf(string picture) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{model}\n{picture}")))[..32];
}
