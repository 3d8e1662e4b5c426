using Cmsa.Dsl.Programs;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

public static partial class Kernels
{
    private static void RegisterLeaves()
    {
        Register<Constant>((constant, _, on) => (_, _) => torch.tensor(constant.Number, on.Real, on.Device));
        Register<Coordinates>((cells, _, on) => (_, _) => CoordinatesOf(cells.Rows, cells.Columns).to(on.Real).to(on.Device));
        Register<Always>((_, _, on) => (_, _) => torch.ones([1], ScalarType.Bool, on.Device));
        Register<Differ>((differ, _, on) => (_, _) =>
        {
            var sizes = differ.Of.Dimensions.Map(d => (long)d.Size).ToArray();
            return torch.eye(differ.Of.Count, dtype: ScalarType.Bool, device: on.Device).logical_not().reshape([.. sizes, .. sizes]);
        });
    }

    private static Tensor CoordinatesOf(int rows, int columns)
    {
        Tensor Across(double shift) => ((torch.arange(columns, ScalarType.Float64) + shift) * (2.0 / columns) - 1).reshape(1, columns).expand(rows, columns);
        Tensor Down(double shift) => ((torch.arange(rows, ScalarType.Float64) + shift) * (2.0 / rows) - 1).reshape(rows, 1).expand(rows, columns);
        Tensor Everywhere(double number) => torch.full(rows, columns, number, ScalarType.Float64);
        return torch.stack([Across(0), Down(0), Across(1), Down(1), Across(0.5), Down(0.5), Everywhere(1.0 / columns), Everywhere(1.0 / rows)]);
    }
}
