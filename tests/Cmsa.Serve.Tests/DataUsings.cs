global using Cmsa.Data.Pictures;
