using Cmsa.Fuzzing;
using FsCheck.Fluent;

namespace Cmsa.Dsl.Tests;

/// <summary>Files of weights, PyTorch's and .safetensors, with bytes changed.</summary>
public sealed class WeightsFuzzTests : IDisposable
{
    // What deflate makes of a byte at most, and room for the views of one storage that a file may have.
    private const long Growth = 1032,
        Room = 1 << 20;

    private readonly string folder = Directory.CreateTempSubdirectory("weights").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static IEnumerable<(string Name, byte[] Bytes)> Files =>
        Directory
            .GetFiles(Path.Combine(AppContext.BaseDirectory, "Fixtures", "weights"))
            .Where(file => Path.GetExtension(file) is ".pth" or ".safetensors")
            .Order(StringComparer.Ordinal)
            .Select(file => (Path.GetExtension(file), File.ReadAllBytes(file)));

    [Theory, InlineData(".pth"), InlineData(".safetensors")]
    public void Any_mutated_file_of_weights_is_read_or_refused(string extension)
    {
        var path = Path.Combine(folder, $"fuzzed{extension}");
        Fuzz.Check(
            Gen.Elements(Files.Where(f => f.Name == extension).Select(f => f.Bytes)),
            Fuzz.AnyByte,
            usual: 500,
            bytes =>
            {
                File.WriteAllBytes(path, bytes);
                Weights
                    .Read(path)
                    .Match(
                        file =>
                        {
                            foreach (var tensor in file.Tensors)
                                Taken(file, tensor.Name, bytes.Length);
                        },
                        wrong => Assert.NotEmpty(wrong.What)
                    );
            }
        );
    }

    private static void Taken(WeightsFile file, string name, long length) =>
        file.Read(name)
            .Match(
                tensor =>
                {
                    using (tensor)
                        Assert.InRange(tensor.numel() * tensor.element_size(), 0, Growth * length + Room);
                },
                wrong => Assert.NotEmpty(wrong.What)
            );
}
