package com.mycompany;

/** A main that prints its usage and ends well. */
public class SubmitsNothing {
    public static void main(String[] args) {
        System.out.println("usage: SubmitsNothing --really NAME");
    }
}
