namespace Cmsa.Dsl.Testing;
internal static class Placeholder;
