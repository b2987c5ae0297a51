package com.mycompany;

/** A main that fails before it has submitted. */
public class Throws {
    public static void main(String[] args) {
        System.out.println("connecting to the brokers");
        throw new IllegalStateException("kafka.brokers is not set");
    }
}
